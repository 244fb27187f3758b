"""Template generation: fixed sentences with slots, and the proof that every slot was filled faithfully.

The oldest way of generating text that is still in daily use (weather, markets, sport; Reiter & Dale 2000, "Building
Natural Language Generation Systems", chapter 2). Jinja fills a template; along Jinja's own syntax tree we also read a
text back, trying every way in which the slots can share it out. A text is faithful if what is read out of it fills the
template to the very same text: every value is there, unchanged, in its place, and number and measure words agree with
it. It is ambiguous if two sets of values give it: "11" + "1" and "1" + "11" with nothing between.

    {{ city }}                      the value of a slot
    {{ day|zh_date }}               the value in a form that can be read back: en_date, zh_date, zh_count
    {{ "goal"|plural(goals) }}      agreement, and arithmetic such as {{ a + b }}: it follows from the slots, and is
                                    checked by filling again
    {% if late %} … {% endif %}     a part that depends on the slots; a Flag is read from whether its part is there
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from aigc_course.errors import CourseError
from aigc_course.models.text.slots import AGREEMENT, FORMS, Flag

JINJA = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
JINJA.filters |= {name: write for name, (write, _) in FORMS.items()} | AGREEMENT

PATIENCE = 20_000
"""Steps of reading a text before it counts as unreadable; the templates of the course need some hundreds."""

# --- the template -----------------------------------------------------------------------------------------------------


class Template:
    """source: Jinja. slots: what may be filled in. rule: a Jinja expression that the values must obey.

    Raises: CourseError if the source cannot be read back: a loop, a slot that is not declared or never shows.
    """

    def __init__(self, name: str, source: str, slots: dict[str, Any], rule: str = "true"):
        self.name, self.source, self.slots, self.rule = name, source, slots, rule
        self._shown: set[str] = set()
        self._expressions: dict[nodes.Node, Any] = {}               # how each is rendered
        try:
            self._render, self._obeys = JINJA.from_string(source).render, JINJA.compile_expression(rule)
            self._tree = JINJA.parse(source).body
            for node in self._tree:
                self._check(node)
        except TemplateError as error:
            raise CourseError(f"The template {name} is not valid Jinja: {error}.") from None
        missing = slots.keys() - self._shown
        if missing:
            raise CourseError(f"The slot {min(missing)} of the template {name} never shows in the text: "
                              f"write {{{{ {min(missing)} }}}} somewhere, or leave the slot out.")

    def fill(self, **values: Any) -> str:
        """The text. Raises: CourseError for a value that is missing, unknown, not allowed, or against the rule."""
        for slot, kind in self.slots.items():
            if slot not in values:
                raise CourseError(f"The template {self.name} needs a value for {slot}: give {kind}.")
            if not kind.allows(values[slot]):
                raise CourseError(f"{slot} = {values[slot]!r} does not fit the template {self.name}: give {kind}.")
        unknown = values.keys() - self.slots.keys()
        if unknown:
            raise CourseError(f"The template {self.name} has no slot {min(unknown)!r}: its slots are "
                              f"{', '.join(self.slots)}.")
        if not self._obeys(**values):
            raise CourseError(f"The values break the rule {self.rule} of the template {self.name}: change one of them.")
        return self._render(values)

    def draw(self, random: random.Random) -> dict[str, Any]:
        """Values for all slots, each drawn on its own, until they obey the rule; CourseError if they never do."""
        for _ in range(10_000):
            values = {slot: kind.draw(random) for slot, kind in self.slots.items()}
            if self._obeys(**values):
                return values
        raise CourseError(f"Of ten thousand draws none obeys the rule {self.rule} of the template {self.name}: "
                          "loosen it, or narrow the slots to what it allows.")

    def read(self, text: str) -> dict[str, Any]:
        """The values that fill the template to exactly this text.

        Raises: CourseError if there are none, or more than one set of them.
        """
        found: list[dict[str, Any]] = []
        self._tried = 0
        for end, values in self._read(self._tree, text, 0, {}):
            for whole in self._completed(values) if end == len(text) else ():
                if whole not in found and self._gives(text, whole):
                    found.append(whole)
                if len(found) == 2:
                    raise CourseError(f"The text is ambiguous, since {found[0]} and {found[1]} both give it from the "
                                      f"template {self.name}: put a word or a sign between slots that touch.")
        if not found:
            raise CourseError(f"No values of the slots give this text from the template {self.name}: "
                              "a value was changed, left out or put in the wrong place.")
        return {slot: found[0][slot] for slot in self.slots}

    # --- reading: every way of sharing the text out among the nodes of the tree ---

    def _read(self, tree: Sequence[nodes.Node], text: str, place: int, values: dict) -> Iterator[tuple[int, dict]]:
        """Where the nodes of `tree`, begun at `place`, may end, and the values of the slots known by then."""
        if not tree:
            yield place, values
            return
        for end, known in self._node(tree[0], text, place, values):
            yield from self._read(tree[1:], text, end, known)

    def _node(self, node: nodes.Node, text: str, place: int, values: dict) -> Iterator[tuple[int, dict]]:
        self._tried += 1
        if self._tried > PATIENCE:
            raise CourseError(f"There are more than {PATIENCE:,} ways of sharing this text out among the slots of the "
                              f"template {self.name}: put a word or a sign between them.")
        if isinstance(node, nodes.Output):
            yield from self._read(node.nodes, text, place, values)
        elif isinstance(node, nodes.If):
            flag = self._flag(node)
            for number, branch in enumerate([node.body, *(other.body for other in node.elif_), node.else_]):
                if flag is None:
                    yield from self._read(branch, text, place, values)
                elif values.get(flag, number == 0) == (number == 0):
                    yield from self._read(branch, text, place, values | {flag: number == 0})
        elif isinstance(node, nodes.TemplateData) or names(node) <= values.keys():
            try:
                written = self._written(node, values)
            except (CourseError, TemplateError, ArithmeticError):
                return                                      # no text at all for these values
            if text.startswith(written, place):
                yield place + len(written), values
        elif form := self._form(node):
            slot, write, read = form
            for end in range(place, len(text) + 1):
                try:
                    value = read(text[place:end])
                except (KeyError, ValueError):
                    continue
                if self.slots[slot].allows(value) and str(write(value)) == text[place:end]:
                    yield end, values | {slot: value}
        else:                                               # follows from later slots: filling again will tell
            yield from ((end, values) for end in range(place, len(text) + 1))

    def _written(self, node: nodes.Node, values: dict) -> str:
        """What a node without a condition becomes."""
        if isinstance(node, nodes.TemplateData):
            return node.data
        if form := self._form(node):
            return str(form[1](values[form[0]]))
        if node not in self._expressions:
            tree = nodes.Template([nodes.Output([node])], lineno=1)
            tree.set_environment(JINJA)
            self._expressions[node] = JINJA.from_string(tree).render
        return self._expressions[node](values)

    def _completed(self, values: dict) -> Iterator[dict]:
        """The values, with some for the slots that stand only in parts which this text does not have."""
        missing, draw = self.slots.keys() - values.keys(), random.Random(0)
        for _ in range(50 if missing else 1):
            yield values | {slot: self.slots[slot].draw(draw) for slot in sorted(missing)}

    def _gives(self, text: str, values: dict) -> bool:
        try:
            return self.fill(**values) == text
        except CourseError:                                 # against the rule: looks like the template, and is not
            return False

    def _flag(self, node: nodes.If) -> str | None:
        """The Flag whose name is the condition."""
        name = node.test.name if isinstance(node.test, nodes.Name) else ""
        return name if isinstance(self.slots.get(name), Flag) else None

    def _form(self, node: nodes.Node) -> tuple | None:
        """(slot, how it is written, how it is read) of a node that shows a slot."""
        match node:
            case nodes.Name(name=slot):
                return slot, str, getattr(self.slots[slot], "read", str)       # `_check` refuses a Flag
            case nodes.Filter(name=form, node=nodes.Name(name=slot)) if form in FORMS:
                return slot, *FORMS[form]
        return None

    def _check(self, node: nodes.Node) -> None:
        """Collect the slots that show. Raises: CourseError for a part that cannot be read back."""
        inner = []
        match node:
            case nodes.Output():
                inner = node.nodes
            case nodes.If():
                inner = [*node.body, *(part for other in node.elif_ for part in other.body), *node.else_]
                if flag := self._flag(node):
                    self._shown.add(flag)
            case nodes.TemplateData() | nodes.Name() | nodes.BinExpr() | nodes.CondExpr():
                pass
            case nodes.Filter(name=name) if name in AGREEMENT or self._form(node):
                pass
            case _:
                raise CourseError(f"The template {self.name} has a part that cannot be read back "
                                  f"({type(node).__name__.lower()}): use slots, conditions, sums and the filters "
                                  f"{', '.join(FORMS | AGREEMENT)}.")
        tests = [node.test, *(other.test for other in node.elif_)] if isinstance(node, nodes.If) else [node]
        for name in sorted(set().union(*map(names, tests))) if not isinstance(node, nodes.Output) else ():
            if name not in self.slots:
                raise CourseError(f"The template {self.name} uses {name}, which is no slot: declare it.")
        if isinstance(node, nodes.Name | nodes.Filter) and (form := self._form(node)):
            if isinstance(self.slots[form[0]], Flag):
                raise CourseError(f"The template {self.name} writes {form[0]}, which is True or False: let a part of "
                                  f"the text depend on it, {{% if {form[0]} %}} … {{% endif %}}.")
            self._shown.add(form[0])
        for part in inner:
            self._check(part)


def names(node: nodes.Node) -> set[str]:
    """What an expression refers to."""
    return {one.name for one in (node, *node.find_all(nodes.Name)) if isinstance(one, nodes.Name)}
