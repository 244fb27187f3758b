"""`aigc lab` and `aigc reset`: the learner's own copy of the notebooks."""

import typer


def lab(
    name: str = typer.Argument("", help="Notebook to open, e.g. 03/01 or 01_gan; the first one if left out."),
    port: int = typer.Option(8888, help="Port of the Jupyter server."),
    lang: str = typer.Option("", help="zh or en."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Only print the address."),
) -> None:
    """Open the course in JupyterLab, in your own copy of the notebooks."""
    raise NotImplementedError


def reset(name: str = typer.Argument(help="Notebook to restore, e.g. 03/01 or 01_gan.")) -> None:
    """Restore one notebook; your version is kept beside it as a backup."""
    raise NotImplementedError
