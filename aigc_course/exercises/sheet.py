"""Writing a code exercise down so that its file reads from top to bottom.

    sheet = Sheet(zh="…", en="…")            the task

    @sheet.blank                             what the learner finds
    def blank(x): ...

    @sheet.reference                         the answer that `hint` shows in the end
    def square(x): ...

    @sheet.also                              another right answer; two at least
    def by_power(x): ...

    @sheet.mistake(zh="…", en="…")           a typical wrong answer under the hint for it; three at least
    def doubled(x): ...

    @sheet.probe                             what is looked at
    def probe(answer): ...

    EXERCISE = sheet.with_hints(Text("…", "…"), Text("…", "…"), Text("…", "…"))

Each decorator returns the function as it is, and a sheet knows its own file only.
"""

from collections.abc import Callable

from aigc_course.exercises.kinds import Code, Mistake, Text

PARTS = ("blank", "reference", "probe")
"""What every exercise has one of."""


class Sheet:
    """Collects the parts of one `Code`, in the order of the file.

    kind: "fill-in", or "debug" where the blank is broken code. gradient: whether the probe asks for gradients, which
    it does where something is trained through the answer.
    """

    def __init__(self, *, zh: str, en: str, kind: str = "fill-in", gradient: bool = True):
        self._task, self._kind, self._gradient = Text(zh, en), kind, gradient
        self._parts: dict[str, Callable] = {}
        self._others: list[Callable] = []
        self._mistakes: list[Mistake] = []

    def blank(self, function: Callable) -> Callable:
        return self._part("blank", function)

    def reference(self, function: Callable) -> Callable:
        return self._part("reference", function)

    def probe(self, function: Callable) -> Callable:
        return self._part("probe", function)

    def also(self, function: Callable) -> Callable:
        self._others.append(function)
        return function

    def mistake(self, *, zh: str, en: str) -> Callable[[Callable], Callable]:
        def remember(function: Callable) -> Callable:
            self._mistakes.append(Mistake(function, Text(zh, en)))
            return function
        return remember

    def with_hints(self, first: Text, second: Text, third: Text) -> Code:
        """The exercise. Raises: ValueError if a part is missing."""
        missing = [part for part in PARTS if part not in self._parts]
        if missing:
            raise ValueError(f"This exercise has no function under @sheet.{missing[0]}: add it.")
        blank, reference, probe = (self._parts[part] for part in PARTS)
        return Code(self._task, blank, reference, tuple(self._others), tuple(self._mistakes), probe,
                    (first, second, third), self._kind, self._gradient)

    def _part(self, name: str, function: Callable) -> Callable:
        if name in self._parts:
            raise ValueError(f"@sheet.{name} stands above two functions: an exercise has one.")
        self._parts[name] = function
        return function
