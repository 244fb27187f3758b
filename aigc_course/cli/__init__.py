"""The command-line program `aigc`.

`aigc lab` and `aigc reset` (cli/lab.py), `aigc doctor` and `aigc report` are single commands.  The others
are groups of commands; each is a module of this package with a `typer.Typer` named `app`, imported only
when it is called, so that `aigc --help` stays quick.  `aigc train` makes its options itself, from the
configs of the families (cli/train.py).
"""

import os
import sys
from importlib import import_module

STOPPED = "Stopped by Ctrl-C."

try:
    import typer

    from aigc_course import __version__
    from aigc_course.cli import doctor, lab, report
    from aigc_course.cli.train import train
    from aigc_course.errors import CourseError
    from aigc_course.language import print_anything
except KeyboardInterrupt:  # impatience while Python is still reading
    sys.exit(STOPPED)

GROUPS = {
    "train": "Train any model of the course, on a laptop or on many GPUs.",
    "data": "Datasets: list them, get them, verify them.",
    "progress": "Exercises: what is answered and what is not.",
    "author": "For authors: write, run, translate and check notebooks.",
}


def build_app(group: str | None = None) -> typer.Typer:
    """The whole program, with the commands of one group loaded and the other groups as headings only."""
    app = typer.Typer(
        help="Generative AI from scratch: the course's own program.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    app.command("lab")(lab.lab)
    app.command("reset")(lab.reset)
    app.command("doctor")(doctor.doctor)
    app.command("report")(report.report)
    for name, text in GROUPS.items():
        commands = import_module(f"aigc_course.cli.{name}").app if name == group else typer.Typer()
        app.add_typer(commands, name=name, help=commands.info.help or text)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        print(f"aigc-course {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", callback=_print_version, is_eager=True
    ),
) -> None:
    """Options of the program itself, before any command."""


def main(arguments: list[str] | None = None) -> None:
    """Run the program; a CourseError, a missing package or Ctrl-C becomes one sentence and exit status 1."""
    print_anything()
    arguments = sys.argv[1:] if arguments is None else arguments
    group = next((word for word in arguments if not word.startswith("-")), None)
    program = "torchrun … -m aigc_course.cli" if "TORCHELASTIC_RUN_ID" in os.environ else "aigc"
    try:
        if group == "train":
            sys.exit(train(arguments[arguments.index(group) + 1:], f"{program} train"))
        build_app(group)(arguments, prog_name=program)
    except CourseError as error:
        sys.exit(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("aigc_course"):
            raise
        sys.exit(
            f"This command needs the package {error.name}, which is not installed: "
            "run `pip install -e '.[test]'` in the folder of the clone."
        )
    except SystemExit as end:
        if end.code == 130:  # typer turns Ctrl-C into this
            sys.exit(STOPPED)
        raise
    except KeyboardInterrupt:  # while the module of a group was imported
        sys.exit(STOPPED)
