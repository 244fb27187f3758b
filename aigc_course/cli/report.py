"""`aigc report`: curves and results of runs, side by side."""

from pathlib import Path

import typer


def report(
    runs: list[Path] = typer.Argument(help="Folders of `aigc train`."),
    out: Path = typer.Option(None, help="Where to write report.png and report.md; without it, beside what they report.",
                             metavar="FOLDER", show_default=False),
) -> None:
    """Draw the curves of runs and compare what came of them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from aigc_course.runs.report import heads, rows, write_report
    found, where = write_report(runs, out)
    table = Table("")
    for label in heads(found):
        table.add_column(Text(label))                          # a name such as z[/b] is no markup
    for row in rows(found):
        table.add_row(*map(Text, row))
    Console().print(table)
    print(f"Wrote {where / 'report.png'} and {where / 'report.md'}")
