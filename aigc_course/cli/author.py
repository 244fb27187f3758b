"""`aigc author`: write notebooks as text, run and measure them, keep two languages in lockstep."""

from pathlib import Path

import typer

app = typer.Typer(no_args_is_help=True)
NAME = typer.Argument(help="A notebook: 03_algorithms/01_gan, 03/01, or a path to one of its files.")
NAMES = typer.Argument(None, help="Notebooks; all when none is named.")


def _course():
    from aigc_course.authoring.places import Course
    return Course.here()


@app.command()
def new(name: str = typer.Argument(help="The new notebook's name, such as 03_algorithms/01_gan."),
        myst: bool = typer.Option(False, "--myst", help="MyST Markdown instead of percent Python.")) -> None:
    """Write the anatomy of a new notebook as text, in both languages."""
    from aigc_course.authoring import actions
    for path in actions.new(_course(), name, ".md" if myst else ".py"):
        print(f"Edit {_short(path)}, then: aigc author build {_short(path)}")


@app.command()
def edit(name: str = NAME, lang: str = typer.Option("zh", help="zh (whole notebook) or en (translation)."),
         myst: bool = typer.Option(False, "--myst", help="MyST Markdown instead of percent Python."),
         force: bool = typer.Option(False, "--force", help="Write over an existing text.")) -> None:
    """Write a notebook as text into drafts/, to edit and build again."""
    from aigc_course.authoring import actions
    path = actions.edit(_course(), name, lang, ".md" if myst else ".py", force)
    print(f"Edit {_short(path)}, then: aigc author build {_short(path)}")


@app.command()
def build(texts: list[Path] = typer.Argument(help="Texts in drafts/; Chinese before English.")) -> None:
    """Make the notebook from its text; cells keep their ids."""
    from aigc_course.authoring import actions
    for text in texts:
        print(f"Wrote {_short(actions.build(_course(), text))}")


@app.command()
def run(names: list[str] = NAMES,
        timeout: float = typer.Option(None, help="Seconds for one cell.", show_default=False),
        once: bool = typer.Option(False, "--once", help="Not in every environment: ranges of the same code stay.")
        ) -> None:
    """Execute the Chinese notebook, store and measure what it does and how far that moves, bring English along."""
    from aigc_course.authoring import actions, environments
    course = _course()
    others = () if once else environments.others()
    for name in map(course.find, names or course.names()):
        ran = actions.run(course, name, timeout, others,
                          lambda environment, name=name: print(f"{name}: {environment} …", flush=True))
        print(f"{name}: {ran.measurement['cpu_seconds']:.1f} s of one core, "
              f"{ran.measurement['memory_mb']} MiB, {len(ran.measurement['numbers'])} numbers recorded")
        for finding in ran.bold:
            print(finding)
        if ran.warnings:
            print(f"It wrote to stderr, which is not stored:\n{ran.warnings}")


@app.command()
def soak(names: list[str] = NAMES,
         env: list[str] = typer.Option([], help="An environment, such as plain or 'two threads'; all by default."),
         jobs: int = typer.Option(2, min=1, help="Notebooks side by side.")) -> None:
    """Execute notebooks in every environment and compare with what is stored; exit status 1 if anything differs."""
    from aigc_course.authoring import environments
    from aigc_course.authoring.soak import soak as soaked
    course = _course()
    chosen = [course.find(name) for name in names] if names else course.names()
    arithmetics = [environments.environment_named(name) for name in env] or [environments.PLAIN, *environments.others()]
    failures = {one.name: 0 for one in arithmetics}
    for name, environment, found in soaked(course, chosen, arithmetics, jobs):
        print(f"{name}: {environment}, {len(found) or 'no'} difference(s)", *found, sep="\n    ", flush=True)
        failures[environment] += bool(found)
    print(f"\n{'environment':16} failures of {len(chosen)} notebook(s)")
    for environment, count in failures.items():
        print(f"{environment:16} {count:8}")
    raise typer.Exit(1 if any(failures.values()) else 0)


@app.command()
def sync(names: list[str] = NAMES,
         accept: list[str] = typer.Option([], help="A stale cell whose English still says the same.")) -> None:
    """Carry cells, code and outputs from Chinese to English."""
    from aigc_course.authoring import actions
    from aigc_course.errors import CourseError
    course = _course()
    chosen = names or course.names()
    if accept and len(chosen) != 1:
        raise CourseError("Cells are accepted in one notebook at a time: name it.")
    for name in chosen:
        print(f"Wrote {_short(actions.sync(course, name, accept=tuple(accept)))}")


@app.command()
def check(names: list[str] = NAMES,
          strict: bool = typer.Option(False, "--strict", help="Also what never ran in all environments.")) -> None:
    """List everything that is wrong; exit status 1 if anything is."""
    from aigc_course.authoring.check import RANGES_REQUIRED
    from aigc_course.authoring.check import check as findings
    course = _course()
    chosen = [course.find(name) for name in names] if names else None
    found = findings(course, chosen, strict or RANGES_REQUIRED)
    for finding in found:
        print(finding)
    count = len(chosen if chosen is not None else course.names())
    print(f"{len(found)} finding(s) in {count} notebook(s)")
    raise typer.Exit(1 if found else 0)


@app.command()
def status(readme: bool = typer.Option(False, "--readme", help="Also rewrite the READMEs' chapter table.")) -> None:
    """Show translations that are missing or stale, and what each notebook costs."""
    from aigc_course.authoring.kernel import CPU_BUDGET_S
    from aigc_course.authoring.status import status as states
    from aigc_course.authoring.status import write_readme
    course = _course()
    print(f"{'notebook':40} {'missing':>7} {'stale':>5} {'CPU s':>6} {'MiB':>5} {'KiB':>5}")
    for row in states(course):
        cost = "–" if row.cpu_seconds is None else f"{row.cpu_seconds:.1f}"
        notes = ["over budget"] if (row.cpu_seconds or 0) > CPU_BUDGET_S else []
        notes += ["changed since the run"] if row.outdated else []
        notes += [] if row.ranged else ["no ranges"]
        print(f"{row.name:40} {row.missing:7} {row.stale:5} {cost:>6} {row.memory_mb or '–':>5} "
              f"{row.kilobytes:5} {', '.join(notes)}")
    for path in write_readme(course) if readme else []:
        print(f"Wrote {_short(path)}")


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
