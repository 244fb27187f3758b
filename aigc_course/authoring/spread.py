"""How far a lesson's numbers and claims move from one environment to another, and whether that is little enough.

In book/measured.json, beside what `execute` measures:

    "ran": {"environments": ["plain", "default", …], "torch": "2.15.0"}
    "numbers": {"modes": {"value": 8.0, "tol": 0.0, "low": 8.0, "high": 8.0}}        over all environments
    "claims": {"break: loss < 0.3": {"gap": 0.1, "low": 0.06, "high": 0.11}}         those that move by a hundredth
    "differ": {"default": ["table"]}                                                 cells that print something else
    "failed": {"two threads": ["break: loss < 0.3"]}                                 assertions that do not hold
"""

from collections.abc import Iterator

from aigc_course.authoring.findings import Finding
from aigc_course.authoring.normalise import storable

SPREADS = 3   # a tolerance, and the gap of a claim, in spreads: five samples miss the rare far ones


def merge(plain: dict, others: dict[str, dict], shown: dict[str, list[str]]) -> dict:
    """The measurement of the plain run with what the other runs add.

    plain, others: from `execute`, the others by environment. shown: the cells that differ, by environment.
    """
    runs = [plain, *others.values()]
    merged = plain | {"ran": {"environments": ["plain", *others], "torch": plain["versions"].get("torch", "")}}
    for kind, value in (("numbers", "value"), ("claims", "gap")):
        ranges = {}
        for name, entry in plain[kind].items():
            found = [run[kind][name][value] for run in runs if name in run[kind]]
            ranges[name] = entry | {"low": min(found), "high": max(found)}
        merged[kind] = ranges
    merged["claims"] = {name: {key: float(f"{gap:.4g}") for key, gap in entry.items()}
                        for name, entry in merged["claims"].items() if spread(entry, "gap") > entry["gap"] / 100}
    merged["differ"] = {name: cells for name, cells in shown.items() if cells}
    merged["failed"] = {name: [f"{cell}: {text}" for cell, text in run["failed"]]
                        for name, run in others.items() if run["failed"]}
    return merged


def keep(plain: dict, before: dict | None) -> dict:
    """The measurement of a plain run alone: ranges of the same code stay and take the new values in."""
    once = {key: value for key, value in plain.items() if key not in ("claims", "failed")}
    if before is None or "ran" not in before or before["code"] != plain["code"]:
        return once
    for kind, value in (("numbers", "value"), ("claims", "gap")):
        once[kind] = plain[kind] if kind == "numbers" else {}
        for name, was in before[kind].items():
            if name in plain[kind]:
                now = plain[kind][name]
                once[kind] = once[kind] | {name: now | {"low": min(was["low"], now[value]),
                                                        "high": max(was["high"], now[value])}}
    return once | {key: before[key] for key in ("ran", "differ", "failed")}


def shown_otherwise(one, other) -> list[str]:
    """Ids of the cells of which a test compares outputs, and the outputs of two (normalised) runs differ."""
    return [cell.id for cell, twin in zip(one.cells, other.cells, strict=True)
            if cell.cell_type == "code" and _is_compared(cell) and _text(cell) != _text(twin)]


def _is_compared(cell) -> bool:
    return not (cell.metadata.get("course", {}).get("not_compared")
                or "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_IGNORE_OUTPUT" in cell.source)


def _text(cell) -> list:
    """What nbval compares of a cell's outputs: no pictures."""
    kept = []
    for output in (one for one in cell.outputs if storable(one)):
        data = {kind: page for kind, page in output.get("data", {}).items() if not kind.startswith("image/")}
        pictured = len(data) < len(output.get("data", {}))
        kept.append((output.output_type, output.get("text"), output.get("ename"), output.get("evalue"),
                     None if pictured else data))
    return kept


def spread(entry: dict, value: str) -> float:
    """The largest deviation of any environment from the plain one."""
    return max(entry["high"] - entry[value], entry[value] - entry["low"])


def findings(run: dict, nb, file: str, name: str) -> Iterator[Finding]:
    """What the environments show to be claimed too boldly; nothing before they ran.

    A cell whose metadata say `course.proven` needs no margin: mathematics, not a measurement, is what holds there.
    """
    if "ran" not in run:
        return
    proven = {cell.id for cell in nb.cells if cell.metadata.get("course", {}).get("proven")}
    for number, entry in run["numbers"].items():
        far = spread(entry, "value")
        if entry["tol"] < SPREADS * far:
            yield Finding(file, "", f"records {number} = {entry['value']:.6g} ± {entry['tol']:g}, but other processors "
                          f"move it by {far:.3g}", f"allow {SPREADS * far:.3g} or more, or measure it on more data")
    for claim, entry in run["claims"].items():
        cell, text = claim.split(": ", 1)
        far = spread(entry, "gap")
        if cell not in proven and entry["gap"] < SPREADS * far:
            yield Finding(file, cell, f"asserts {text} with {entry['gap']:.3g} to spare, but other processors move "
                          f"that by {far:.3g}", f"leave {SPREADS * far:.3g} or more: claim less, average over seeds, "
                          "or train longer")
    for environment, cells in run["differ"].items():
        for cell in cells:
            yield Finding(file, cell, f"shows something else in the environment {environment!r}",
                          "print fewer digits, or assert a bound instead")
    for environment, claims in run["failed"].items():
        for claim in claims:
            cell, text = claim.split(": ", 1)
            yield Finding(file, cell, f"does not hold in the environment {environment!r}: {text}",
                          f"repair it, then `aigc author run {name}`")
