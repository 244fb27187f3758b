"""The translation box says what the translator says, live and on paper."""

import re

import pytest
import torch

from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.models.text.seq2seq import Seq2Seq, Seq2SeqConfig
from aigc_course.models.text.translator import Translator, alignment, translate
from aigc_course.show.text.translate import TranslateBox


def model(attention):
    torch.manual_seed(0)
    letters = Vocabulary.of(["<abc"])
    return Translator(Seq2Seq(Seq2SeqConfig(len(letters), len(letters), 4, 8, attention)).eval(), letters, letters)


@pytest.mark.parametrize("attention", [None, "dot"])
def test_the_box_answers_what_is_typed(attention):
    box = TranslateBox(model(attention), ["ab", "<"])
    field, result = box.live().children
    field.value = "cab<x"
    shown = re.search(r"<b>(.*?)</b>", result.value)[1]
    assert shown == translate(box.model, ["cab<x"])[0].replace("<", "&lt;")
    assert ("data-w" in result.value) == (attention is not None)
    if attention:
        _, _, weights = alignment(box.model, "cab<x")
        assert re.findall(r'data-w="([\d.]+)"', result.value) == [f"{w:.2f}" for w in weights.flatten().tolist()]


def test_on_paper_every_example_has_its_translation():
    box = TranslateBox(model("dot"), ["ab", "<"])
    cells = re.findall(r"<td>(.*?)</td>", box.as_html().split("</table>")[0])
    wanted = [part.replace("<", "&lt;") for pair in zip(["ab", "<"], translate(box.model, ["ab", "<"]), strict=True)
              for part in pair]
    assert cells == wanted
