"""`aigc doctor`."""

import typer


def doctor(fix: bool = typer.Option(False, "--fix", help="Mend what can be mended.")) -> None:
    """Check this computer for the course: one sentence and one remedy for each problem."""
    raise NotImplementedError
