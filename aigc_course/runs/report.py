"""Runs side by side: their curves as a picture, their results and the settings in which they differ as a table."""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_course.errors import CourseError
from aigc_course.files import writing
from aigc_course.runs.card import table
from aigc_course.runs.folder import Asked, Folder
from aigc_course.runs.options import flag, text

SMOOTHED = 40
"""Points of a curve from which on a running mean is drawn over them."""
SHOWN = {"data", "steps", "save_every", "sample_every", "log_every"}
"""Settings that the table has in other rows, or that change nothing of a run."""


@dataclass(frozen=True)
class Record:
    """What a folder says of its run."""

    label: str
    folder: Folder
    asked: Asked
    log: list[dict[str, float]]
    metrics: dict[str, float]
    """Empty until the run is finished."""
    where: list[dict]

    @property
    def rate(self) -> str:
        """The name of the log's rate, "images per second"."""
        return next(name for name in self.log[-1] if name.endswith(" per second"))

    @property
    def learners(self) -> list[str]:
        """The names of the losses; not every learner moves in every round."""
        return [name.removesuffix("/lr") for name in self.log[-1] if name.endswith("/lr")]

    @property
    def last(self) -> dict[str, float]:
        """What the log says last of each scalar."""
        return {name: value for line in self.log for name, value in line.items()}


def look_up(paths: Sequence[Path]) -> list[Record]:
    """What these folders hold; of several, those without a run, or without a line of log, are named and passed over.

    Raises: CourseError that names one which does not exist or is damaged, and when there is no run at all.
    """
    paths = [Path(os.path.normpath(path)) for path in paths]
    runs = [path for path in paths if Folder(path).holds_run() and Folder(path).lines()]
    for path in paths:
        if runs and path not in runs and path.exists():
            print(f"{path} is passed over: it holds no run, or one without a line of log yet.")
    paths = [path for path in paths if path in runs or not (runs and path.exists())]
    names = [path.name for path in paths]
    found = []
    for path, name in zip(paths, names, strict=True):
        folder = Folder(path)
        asked, log = folder.asked(), folder.lines()
        if not log:
            raise CourseError(f"{path} has no line of log yet: wait until it has played some rounds.")
        metrics = folder.read_json("metrics.json") if (path / "metrics.json").exists() else {}
        found.append(Record(name if names.count(name) == 1 else str(path), folder, asked, log, metrics,
                            folder.read_json("versions.json")))
    return found


def rows(found: Sequence[Record]) -> list[tuple[str, ...]]:
    """One row for each quantity: its name, and its value in each run; "–" where a run has none."""
    def line(name: str, values: Sequence[object]) -> tuple[str, ...]:
        return (name, *("–" if value is None else f"{value:,.5g}" if isinstance(value, float) else str(value)
                        for value in values))

    def union(lists: Sequence[Sequence[str]]) -> list[str]:
        return list(dict.fromkeys(name for one in lists for name in one))

    result = [line("family", [one.asked.family for one in found]), line("data", [data(one) for one in found]),
              line("rounds", [f"{one.log[-1]['step']:,} of {one.asked.config['steps']:,}" for one in found]),
              line("seconds of training", [float(one.log[-1]["seconds"]) for one in found])]
    for rate in union([[one.rate] for one in found]):
        result.append(line(rate, [statistics.median(each[rate] for each in one.log) if one.rate == rate else None
                                  for one in found]))
    for name in union([one.learners for one in found]):
        result.append(line(f"last {name}", [one.last.get(name) for one in found]))
    for name in union([list(one.metrics) for one in found]):
        result.append(line(name, [one.metrics.get(name) for one in found]))
    settings = [{"preset": one.asked.preset, **one.asked.config, **one.asked.options} for one in found]
    for path in settings[0]:
        values = {text(one[path]) for one in settings if path in one}
        if len(values) > 1 and path not in SHOWN and all(path in one for one in settings):
            result.append(line(flag(path), [text(one[path]) for one in settings]))
    for name in ("torch", "commit", "processor"):
        values = [text(one.where[-1][name])[:30] for one in found]
        if len(set(values)) > 1:
            result.append(line(name, values))
    return result


def data(one: Record) -> str:
    """What was learnt from: a name, or the last part of a path."""
    return Path(one.asked.options["data"]).name


def running_mean(values: Sequence[float], share: float = 0.05) -> list[float]:
    """The mean of the values around each one, about `share` of them; fewer towards the ends, so that nothing lags."""
    half = int(share * len(values) / 2)
    reach = [min(half, place, len(values) - 1 - place) for place in range(len(values))]
    return [statistics.fmean(values[place - r:place + r + 1]) for place, r in enumerate(reach)]


def curves(found: Sequence[Record], path: Path) -> None:
    """Draw every scalar of the logs against the rounds, one panel each, one line for each run, into a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    losses = list(dict.fromkeys(name for one in found for name in one.learners if name in one.last))
    rates = {one.rate for one in found}
    others = {name for one in found for name in one.last} - {"step", "seconds", *losses, *rates}
    names = [*losses, *sorted(others), *sorted(rates)]
    columns = min(3, len(names))
    height = math.ceil(len(names) / columns)
    figure = Figure(figsize=(4.4 * columns, 2.9 * height), layout="constrained", dpi=110)
    FigureCanvasAgg(figure)
    labels, families = drawable([one.label for one in found])
    for place, name in enumerate(names):
        axes = figure.add_subplot(height, columns, place + 1)
        for number, (one, label) in enumerate(zip(found, labels, strict=True)):
            points = [(line["step"], line[name]) for line in one.log if math.isfinite(line.get(name, math.nan))]
            if not points:
                continue
            steps, values = zip(*points, strict=True)
            many = len(points) > SMOOTHED and not name.endswith("/lr")
            axes.plot(steps, values, color=f"C{number}", alpha=0.3 if many else 1, linewidth=1,
                      label=None if many else label)
            if many:
                axes.plot(steps, running_mean(values), color=f"C{number}", label=label)
        axes.set(title=name, xlabel="round")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    if len(found) > 1:
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center",
                      ncols=min(4, len(found)), prop={"family": families})
    with writing(path) as partial:
        figure.savefig(partial, format="png")


def drawable(labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The labels as a plot can show them, and the font families to take: theirs, or numbers where no font has all."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
    default = FontProperties().get_family()
    usual = get_font(findfont(FontProperties())).get_charmap()
    wanted = {ord(letter) for label in labels for letter in label} - set(usual)
    if not wanted:
        return list(labels), default
    for font in sorted(fontManager.ttflist, key=lambda font: (font.weight != 400, font.name)):
        try:
            if wanted <= set(get_font(font.fname).get_charmap()):
                return list(labels), [*default, font.name]
        except (OSError, RuntimeError):                        # a font that went away, or that is damaged
            continue
    return [f"run {number}" for number in range(1, len(labels) + 1)], default


def heads(found: Sequence[Record]) -> list[str]:
    """The labels for a table, with the numbers that the plot shows in their stead, if it does."""
    labels = [one.label for one in found]
    shown, _ = drawable(labels)
    return labels if shown == labels else [f"{number}: {label}" for number, label in zip(shown, labels, strict=True)]


def markdown(found: Sequence[Record], folder: Path) -> str:
    """The report as a Markdown page that stands in `folder` beside report.png."""
    lines = ["# " + ", ".join(one.label for one in found), "", "![Every scalar of the log by round](report.png)", "",
             *table(("", *heads(found)), rows(found)), ""]
    for one in found:
        samples = one.folder.samples()
        if not samples:
            continue
        step, last = samples.popitem()                         # the latest
        lines += [f"What {one.label} makes after round {step:,}:", ""]
        if last.suffix == ".png":
            lines += [f"![Samples of {one.label}](<{Path(os.path.relpath(last, folder)).as_posix()}>)", ""]
        else:
            lines += ["```", last.read_text("utf-8").rstrip(), "```", ""]
    return "\n".join(lines)


def write_report(paths: Sequence[Path], out: Path | None = None) -> tuple[list[Record], Path]:
    """Leave report.png and report.md in `out`: None is the folder of one run, and where the folders of several lie.

    Raises: CourseError when a folder holds no run, or the report cannot be written.
    """
    found = look_up(paths)
    beside = [path if len(paths) == 1 else path.absolute().parent for path in paths]
    where = out or Path(os.path.commonpath(beside))
    try:
        where.mkdir(parents=True, exist_ok=True)
        curves(found, where / "report.png")
        Folder(where).write("report.md", markdown(found, where).encode())
    except OSError as error:
        raise CourseError(f"The report cannot be written to {where} ({error.strerror}): "
                          "choose another folder with --out.") from error
    return found, where
