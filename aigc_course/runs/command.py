"""The command `train`: one subcommand for each family, its options made from the family's config.

A family is imported when its subcommand is called; to list them, their titles will do.
"""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from aigc_course.errors import CourseError
from aigc_course.recipes.catalogue import TITLES, family
from aigc_course.runs.job import Family
from aigc_course.runs.options import Options, Setting, flag, metavar, read, settings, text, values

UsageError = typer.BadParameter.__base__          # click's; newer typers carry a click of their own inside
ABOUT = """Train any model of the course, at any size.

aigc train vae: a minute or two on a laptop

aigc train gpt --data mybook.txt: on a text of your own

aigc train gpt --preset gpu: sizes for one large card

aigc train gpt --help: the settings of a family

Everything is left in a folder. Ctrl-C stops and says how to go on; aigc report FOLDER draws the curves."""


class Families(TyperGroup):
    """A group whose subcommands are made when they are called."""

    def list_commands(self, context: typer.Context) -> list[str]:
        return list(TITLES)

    def get_command(self, context: typer.Context, name: str):
        """What a list of the families shows of one."""
        return TyperCommand(name, short_help=TITLES[name])

    def resolve_command(self, context: typer.Context, args: list[str]):
        """The family that was called for, imported now."""
        return args[0], command(family(args[0])), args[1:]

    def invoke(self, context: typer.Context) -> Any:
        """As always, but a mistyped option is one sentence."""
        try:
            return super().invoke(context)
        except UsageError as error:
            where = error.ctx.command_path if error.ctx else context.command_path
            raise CourseError(f"{error.format_message()} See `{where} --help`.") from error


def command(family: Family):
    """The subcommand that trains a family."""
    presets, options = family.presets, Options(data=next(iter(family.data)))
    shared = {field.path for field in settings(options)}
    own = list(settings(presets["laptop"]))
    if clash := shared & {setting.path for setting in own}:
        raise ValueError(f"{family.name}: {', '.join(clash)} is a setting of the family and an option of every family")

    def train(context: typer.Context, preset: str | None, out: Path | None, resume: bool, **given) -> None:
        from aigc_course.runs.engine import Request, fulfil
        named = {path(one): value for one, value in given.items()
                 if context.get_parameter_source(one).name == "COMMANDLINE"}
        is_given = context.get_parameter_source("preset").name == "COMMANDLINE"
        fulfil(Request(family, preset if is_given else None, named, out, resume, context.command_path))

    def choose_preset(context: typer.Context, value: str) -> str:
        if value not in presets:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(presets)}.")
        context.default_map = {name(where): one if isinstance(one, bool) else text(one)
                               for where, one in values(presets[value]).items()}
        return value

    train.__signature__ = inspect.Signature([
        parameter("context", typer.Context),
        parameter("preset", str, typer.Option("laptop", "--preset", metavar="|".join(presets), is_eager=True,
                  callback=choose_preset, help="Sizes for a computer; the defaults of the settings below.")),
        parameter("out", Path | None, typer.Option(None, "--out", metavar="FOLDER", show_default=False,
                  help="Where the run is kept; without it, a new folder in runs/.")),
        parameter("resume", bool, typer.Option(False, "--resume", help="Go on with the run in --out.")),
        *(option(setting, "For every family", setting.default is True) for setting in settings(options)),
        *(option(setting, f"Settings of {family.name}", any(values(preset)[setting.path] is True
                                                            for preset in presets.values())) for setting in own)])
    train.__annotations__ = {name: one.annotation for name, one in train.__signature__.parameters.items()}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(family.name, help=f"{family.title}\n\n{about_data(family.data)}",
                short_help=family.title)(train)
    return typer.main.get_command(app)


def about_data(data) -> str:
    """The names that --data takes, one a paragraph."""
    return "\n\n".join(["--data takes:", *(f"{name}: {what}" for name, what in data.items())])


def option(setting: Setting, panel: str, can_be_on: bool = False) -> inspect.Parameter:
    """A setting as typer's option; its value is what `read` makes of the text."""
    hint = {"help": setting.help, "rich_help_panel": panel, "show_default": True}
    if setting.kind is bool:
        # a switch that is on in some preset needs a way to turn it off
        words = f"{flag(setting.path)}/{negated(setting.path)}" if can_be_on else flag(setting.path)
        return parameter(name(setting.path), bool, typer.Option(setting.default, words, **hint))
    return parameter(name(setting.path), str, typer.Option(
        text(setting.default), flag(setting.path), metavar=metavar(setting.kind), parser=partial(parse, setting.kind),
        **hint))


def parse(kind: Any, given: Any) -> Any:
    """`read` for typer, which asks for an error of its own, and sometimes a second time."""
    if not isinstance(given, str):
        return given
    try:
        return read(kind, given)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error


def parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)


def name(path: str) -> str:
    """A path as a Python name that is no name of this module's own."""
    return "given__" + path.replace(".", "__")


def path(name: str) -> str:
    """The path of such a name."""
    return name.removeprefix("given__").replace("__", ".")


def negated(path: str) -> str:
    """The option that switches a setting off: net.tied -> --net.no-tied."""
    *outer, last = flag(path).removeprefix("--").split(".")
    return "--" + ".".join([*outer, f"no-{last}"])


app = typer.Typer(cls=Families, no_args_is_help=True, add_completion=False, help=ABOUT, pretty_exceptions_enable=False)


@app.callback()
def _families() -> None:
    """Without a callback, typer would make no group of an app that registers no command itself."""
