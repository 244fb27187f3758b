"""The real data sets that the course knows, as data/manifest.toml describes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from aigc_course.errors import CourseError
from aigc_course.files import inside
from aigc_course.resources import resource


@dataclass(frozen=True)
class Dataset:
    """One entry of the manifest; data/manifest.toml explains the fields."""

    name: str
    title: str
    title_zh: str
    bytes: int
    licence: str
    citation: str
    source: str
    faults: str
    sha256: Mapping[str, str]  # file → its SHA-256, lower-case hexadecimal
    patterns: tuple[tuple[str, str], ...]  # (files, url) in the order to try

    def urls(self, file: str) -> list[str]:
        """Where `file` can be downloaded, best first."""
        return [
            quote(url.format(file=file), safe=":/")
            for pattern, url in self.patterns
            if fnmatch(file, pattern)
        ]


@cache
def datasets() -> Mapping[str, Dataset]:
    """All known data sets by name, in the manifest's order."""
    manifest = tomllib.loads(resource("manifest.toml").read_text(encoding="utf-8"))
    found = {}
    for name, entry in manifest.items():
        patterns = tuple((rule["files"], rule["url"]) for rule in entry.pop("urls"))
        found[name] = Dataset(name=name, sha256=_read_sums(name), patterns=patterns, **entry)
    return MappingProxyType(found)


def dataset(name: str) -> Dataset:
    """One data set by name; CourseError names the known ones if there is none of that name."""
    if name not in datasets():
        raise CourseError(f"There is no data set {name!r}: choose from {', '.join(datasets())}.")
    return datasets()[name]


def _read_sums(name: str) -> Mapping[str, str]:
    lines = resource(f"sha256/{name}.txt").read_text(encoding="utf-8").splitlines()
    sums = {file: digest for digest, file in (line.split("  ", 1) for line in lines)}
    for file in sums:
        inside(Path(name), file)
    return MappingProxyType(sums)
