"""Where each notebook stands, and the chapter table of the READMEs."""

import re
from dataclasses import dataclass
from pathlib import Path

from aigc_course.authoring import lockstep
from aigc_course.authoring.execute import code_hash
from aigc_course.authoring.measured import measured
from aigc_course.authoring.places import Course, read, write_text
from aigc_course.errors import CourseError

TABLE = re.compile(r"(<!-- chapters:begin -->\n).*?(<!-- chapters:end -->)", re.DOTALL)
HEADINGS = {
    "zh": "| 章节 | 笔记本 | 单核 CPU 时间 | 内存 |",
    "en": "| Chapter | Notebook | Time on one core | Memory |",
}
CHAPTERS = {
    "zh": ["背景介绍", "核心概念与联系", "核心算法原理与操作步骤", "数学模型与公式", "项目实践", "实际应用场景",
           "工具与资源", "未来趋势与挑战", "附录"],
    "en": ["Background", "Core concepts", "Algorithms", "Mathematics", "Projects", "Applications", "Tools",
           "Trends and challenges", "Appendix"],
}


@dataclass(frozen=True)
class Status:
    """One notebook: what English lacks, what the last run took (None before it), and the file's KiB."""

    name: str
    missing: int
    stale: int
    cpu_seconds: float | None
    memory_mb: int | None
    kilobytes: int
    outdated: bool   # the code changed after the run
    ranged: bool     # it ran in all environments


def status(course: Course) -> list[Status]:
    """The state of every notebook, in reading order."""
    known = measured(course)
    rows = []
    for name in course.names():
        path = course.notebook(name, "zh")
        zh = read(path)
        english = course.notebook(name, "en")
        lacks = lockstep.translation(zh, read(english) if english.exists() else None)
        run = known.get(name, {})
        rows.append(Status(name, len(lacks.missing), len(lacks.stale), run.get("cpu_seconds"),
                           run.get("memory_mb"), round(path.stat().st_size / 1024),
                           bool(run) and run["code"] != code_hash(zh), "ran" in run))
    return rows


def write_readme(course: Course) -> list[Path]:
    """Brings the chapter table in README.md and README.zh-CN.md up to date.

    Raises: CourseError if a README has no place for the table.
    """
    written = []
    for language, file in (("en", "README.md"), ("zh", "README.zh-CN.md")):
        path = course.root / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        place = TABLE.search(text)
        if place is None:
            raise CourseError(f"{file} needs the lines <!-- chapters:begin --> and <!-- chapters:end -->.")
        table = "\n".join(_table(course, language)) + "\n"
        write_text(text[:place.end(1)] + table + text[place.start(2):], path)
        written.append(path)
    return written


def _table(course: Course, language: str) -> list[str]:
    lines = [HEADINGS[language], "|---|---|---|---|"]
    known = measured(course)
    for name in course.names():
        path = course.notebook(name, language)
        if not path.exists():
            continue
        run = known.get(name)
        time, memory = (f"{run['cpu_seconds']:.0f} s", f"{run['memory_mb']} MiB") if run else ("–", "–")
        link = f"[{title(read(path)) or name}](notebooks/{language}/{name}.ipynb)"
        lines.append(f"| {chapter(name, language)} | {link} | {time} | {memory} |")
    return lines


def chapter(name: str, language: str) -> str:
    """The number and title of a notebook's chapter."""
    number = int(name[:2])
    titles = CHAPTERS[language]
    return f"{number} {titles[number - 1] if 1 <= number <= len(titles) else name.split('/')[0]}"


def title(nb) -> str:
    """The first heading of a notebook, without its mark-up."""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and (found := re.match(r"#\s+(.+)", cell.source)):
            return found[1].strip()
    return ""
