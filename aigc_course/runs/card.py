"""The card of a run: what it is, how it was made, how good it is. To read, and to hand on with the weights."""

from __future__ import annotations

from aigc_course.runs.folder import Asked, Folder, is_litter
from aigc_course.runs.job import Family, Job
from aigc_course.runs.options import text


def card(family: Family, asked: Asked, folder: Folder, job: Job) -> str:
    """The card as Markdown."""
    metrics, log, where = folder.read_json("metrics.json"), folder.lines(), folder.read_json("versions.json")
    parameters = {name: sum(p.numel() for p in net.parameters()) for name, net in job.run.nets.items()}
    losses = {name: value for line in log for name, value in line.items()}      # not everyone moves in every round
    last, rates = log[-1], [line[f"{job.unit} per second"] for line in log]
    data = asked.options["data"]
    lines = [f"# {family.title[0].upper()}{family.title[1:]}", "",
             f"Family `{family.name}`, preset `{asked.preset}`, trained on `{data}`"
             f"{' (' + family.data[data] + ')' if data in family.data else ''}.", "",
             "## Quality", "", *table(("what", "value"), [(name, f"{value:.5g}") for name, value in metrics.items()]),
             "", "## Training", "",
             *table(("what", "value"), [
                 *((f"parameters of `{name}`", f"{count:,}") for name, count in parameters.items()),
                 ("rounds", f"{last['step']:,}"), ("seconds", f"{last['seconds']:.1f}"),
                 (f"{job.unit} a second (median)", f"{sorted(rates)[len(rates) // 2]:,.4g}"),
                 *((f"last `{name}`", f"{losses[name]:.5g}" if name in losses else "–") for name in job.run.learners)]),
             ""]
    samples = [*folder.samples().values()]
    if samples and samples[-1].suffix == ".png":
        lines += ["## Samples", "", f"![What the nets make after training](samples/{samples[-1].name})", ""]
    elif samples:
        lines += ["## Samples", "", "```", samples[-1].read_text("utf-8").rstrip(), "```", ""]
    files = sorted(path for path in folder.weights.rglob("*") if path.is_file() and not is_litter(path))
    lines += ["## Files", "", *table(("file", "KiB"), [
        (f"`{path.relative_to(folder.path).as_posix()}`", f"{path.stat().st_size / 1024:,.0f}") for path in files]), "",
              "## Settings", "", *table(("setting", "value"), [(f"`{name}`", text(value)) for name, value in
                                            {**asked.config, **asked.options}.items()]),
              "", "## Where", "", *table(("what", *(f"from round {one['from_round']:,}" for one in where)),
                                         [(name, *(text(one[name]) for one in where)) for name in where[0]
                                          if name != "from_round"]), ""]
    return "\n".join(lines)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A Markdown table, line by line."""
    return ["| " + " | ".join(one).replace("\n", " ") + " |" for one in (head, ("---",) * len(head), *rows)]
