"""`aigc data`: the real data sets, which are not part of the course."""

from __future__ import annotations

from collections import Counter

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from aigc_course.data.download import MIRROR, cache_folder, check, fetch, locate, mirror
from aigc_course.data.registry import Dataset, dataset, datasets
from aigc_course.errors import CourseError

app = typer.Typer(no_args_is_help=True, add_completion=False)
console = Console()


@app.command("list")
def list_() -> None:
    """The known data sets, their licences, and how much of each is at hand."""
    table = Table("name", "what", "size", "files at hand", show_lines=True)
    for known in datasets().values():
        here = sum(locate(known.name, file) is not None for file in known.sha256)
        table.add_row(*map(escape, (
            known.name,
            f"{known.title}\n{known.title_zh}\nLicence: {known.licence}",
            f"{known.bytes / 1e6:.1f} MB",
            f"{here} of {len(known.sha256)}",
        )))
    console.print(table)
    console.print(
        f"Looked in {mirror() or f'no mirror ({MIRROR} is not set)'}, then in {cache_folder()}.",
        soft_wrap=True,
        markup=False,
    )


@app.command()
def get(name: str) -> None:
    """Download a data set into the cache, unless it is at hand; repair what is damaged in the cache."""
    known = dataset(name)
    _show_terms(known)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(known.name, total=known.bytes)
        fetch(name, advance=lambda count: progress.advance(task, count))
    console.print(f"{name} is complete: every file has the published SHA-256.")


@app.command()
def verify(
    name: str | None = typer.Argument(None, help="One data set; without it, all that are at hand."),
) -> None:
    """Compare every file at hand with its published SHA-256."""
    damaged = []
    for known in [dataset(name)] if name else datasets().values():
        states = {file: check(known.name, file) for file in known.sha256}
        damaged += [state.path for state in states.values() if state.state == "damaged"]
        count = Counter(state.state for state in states.values())
        console.print(
            f"{known.name}: {count['ok']} ok, {count['damaged']} damaged, {count['missing']} not here"
        )
    if damaged:
        raise CourseError(
            f"Damaged files: {len(damaged)}, the first is {damaged[0]}: "
            "get the data set again, or copy it to the mirror again."
        )


def _show_terms(known: Dataset) -> None:
    for label, text in (
        ("", known.title),
        ("Licence: ", known.licence),
        ("Cite: ", known.citation),
        ("Source: ", known.source),
        ("Mind: ", known.faults),
    ):
        console.print(label + text, soft_wrap=True, markup=False, highlight=False)
