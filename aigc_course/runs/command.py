"""The command line of one family: its options are the fields of its config and of `Options`.

The standard library's argparse takes options one by one, which is how they are found here (docs/adr/0011-options.md).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn

from aigc_course.errors import CourseError
from aigc_course.runs.engine import Request, fulfil
from aigc_course.runs.job import Family
from aigc_course.runs.options import Setting, flag, metavar, read, settings, text, values


def run(family: Family, arguments: Sequence[str], program: str) -> None:
    """Train what the arguments ask for. program: what stands before them, "aigc train gpt". Raises: CourseError."""
    asked = Parser(program, add_help=False, allow_abbrev=False)
    add_preset(asked, family, next(iter(family.presets)))
    preset = asked.parse_known_args(arguments)[0].preset
    given = vars(command(family, preset, program).parse_args(arguments))
    fulfil(Request(family, given.pop("preset", None), out=given.pop("out", None), resume=given.pop("resume", False),
                   given=given, command=program))


class Parser(argparse.ArgumentParser):
    """What is mistyped is one sentence."""

    def error(self, message: str) -> NoReturn:
        raise CourseError(f"{message[0].upper()}{message[1:].rstrip('.')}. See `{self.prog} --help`.")


class Switch(argparse.Action):
    """A setting that is on or off: by its first name on, by its second off."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, option_string == self.option_strings[0])


def command(family: Family, preset: str, program: str = "aigc train") -> Parser:
    """The options of a family with the defaults of a preset; what is not given is not in what is parsed."""
    shared, own = list(settings(family.options(preset))), list(settings(family.presets[preset]))
    if clash := {one.path for one in shared} & {one.path for one in own}:
        raise ValueError(f"{family.name}: {', '.join(clash)} is a setting of the family and an option of every family")
    data = "\n".join(f"  {name}: {what}" for name, what in family.data.items())
    parser = Parser(program, description=f"{family.title}\n\n--data takes:\n{data}", allow_abbrev=False,
                    argument_default=argparse.SUPPRESS, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_preset(parser, family, argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, metavar="FOLDER",
                        help="Where the run is kept; without it, a new folder in runs/.")
    parser.add_argument("--resume", action="store_true", help="Go on with the run in --out.")
    # a switch that is on in some preset needs a way to turn it off
    on = {path for one in family.presets for path, value in
          (values(family.options(one)) | values(family.presets[one])).items() if value is True}
    for title, group in (("for every family", shared), (f"settings of {family.name}", own)):
        panel = parser.add_argument_group(title)
        for setting in group:
            add(panel, setting, setting.path in on)
    return parser


def add_preset(parser: Parser, family: Family, default: str) -> None:
    names = tuple(family.presets)
    parser.add_argument("--preset", type=partial(parse, Literal[names]), metavar="|".join(names), default=default,
                        help=f"Sizes for a computer, or a net that comes with the course; the defaults of the settings "
                             f"below. [default: {names[0]}]")


def add(panel: Any, setting: Setting, can_be_on: bool) -> None:
    """A setting as an option; its value is what `read` makes of the text."""
    what = {"dest": setting.path,
            "help": f"{setting.help} [default: {text(setting.default)}]".replace("%", "%%").strip()}
    if setting.kind is bool:
        panel.add_argument(flag(setting.path), *([negated(setting.path)] if can_be_on else []), action=Switch, nargs=0,
                           **what)
    else:
        panel.add_argument(flag(setting.path), type=partial(parse, setting.kind), metavar=metavar(setting.kind), **what)


def parse(kind: Any, given: str) -> Any:
    """`read` for argparse, which asks for an error of its own."""
    try:
        return read(kind, given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def negated(path: str) -> str:
    """The option that switches a setting off: net.tied -> --net.no-tied."""
    *outer, last = flag(path).removeprefix("--").split(".")
    return "--" + ".".join([*outer, f"no-{last}"])
