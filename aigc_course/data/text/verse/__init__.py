"""Regulated verse (五言、七言绝句) that can be checked: a generator, its lexicon, and the rules.

    poems = verse(1000, seed=0, length=7)
    check_verse(poems[0]).kept, check_verse("any text").broken
"""

from aigc_course.data.text.verse.check import RULES, VerseReport, check_verse
from aigc_course.data.text.verse.compose import verse
from aigc_course.data.text.verse.lexicon import rhyme, tones

__all__ = ["RULES", "VerseReport", "check_verse", "rhyme", "tones", "verse"]
