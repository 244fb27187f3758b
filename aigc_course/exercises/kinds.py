"""What an exercise is: the four kinds that the bank holds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from aigc_course.language import language


@dataclass(frozen=True)
class Text:
    """The same words in both languages (Markdown); `str()` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return getattr(self, language())


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer and the hint that answers it."""

    answer: Any
    hint: Text


@dataclass(frozen=True)
class Code:
    """An exercise answered by a Python function: to fill in, or (`debug`) given broken and to repair.

    probe: calls an answer and yields (label, value) of all that must be as with the reference: numbers,
    strings or tensors, values and gradients. An answer is right if it yields what the reference yields,
    and is a typical mistake if it yields what that mistake yields, however it is written.
    """

    task: Text
    blank: Callable                    # the stub, or the broken code as the learner finds it
    reference: Callable
    others: tuple[Callable, ...]       # other right answers, at least two
    mistakes: tuple[Mistake, ...]      # at least three
    probe: Callable[[Callable], Iterator[tuple[Text, Any]]]
    hints: tuple[Text, Text, Text]
    kind: str = "fill-in"
    gradient: bool = True              # whether the probe looks at gradients


@dataclass(frozen=True)
class Option:
    """One choice of a question. why: what is right or wrong about it."""

    text: Text
    why: Text


@dataclass(frozen=True)
class MultipleChoice:
    """A question with one right option, by letter; every option is explained."""

    task: Text
    options: Mapping[str, Option]
    right: str
    hints: tuple[Text, Text, Text]
    kind: ClassVar[str] = "explain"


@dataclass(frozen=True)
class Prediction:
    """A question asked before a run and not graded: what happens is the option `happens`."""

    task: Text
    options: Mapping[str, Option]
    happens: str
    kind: ClassVar[str] = "predict"


@dataclass(frozen=True)
class Open:
    """A question without one answer. rubric: what a good answer contains, to compare one's own with."""

    task: Text
    rubric: tuple[Text, ...]
    hints: tuple[Text, Text, Text]
    kind: ClassVar[str] = "open"


Exercise = Code | MultipleChoice | Prediction | Open


def question(exercise: Exercise, language: str) -> str:
    """What is asked, with the options if there are any, as Markdown in `language`."""
    options = [f"- **{letter}** {getattr(option.text, language)}"
               for letter, option in getattr(exercise, "options", {}).items()]
    return "\n\n".join([getattr(exercise.task, language), *(["\n".join(options)] if options else [])])
