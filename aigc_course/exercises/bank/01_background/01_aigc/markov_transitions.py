"""Fill-in: Markov's two numbers, how often a vowel follows a vowel and how often it follows a consonant."""

from itertools import pairwise

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

VOWELS = "aeiou"

sheet = Sheet(
    gradient=False,
    zh="补全 `transitions(text)`：Markov 的两个数。`text` 是小写英文；只看字母（空格与标点当作不存在，所以一个词的"
       "末字母与下一个词的首字母相邻）；元音是 `aeiou`。返回两个数：一个元音之后是元音的比例，一个辅音之后是元音的"
       "比例。",
    en="Complete `transitions(text)`: Markov's two numbers. `text` is English in lower case. Only letters count "
       "(spaces and signs are as if they were not there, so the last letter of a word is next to the first of the "
       "following one); the vowels are `aeiou`. Return two numbers: the share of vowels among the letters after a "
       "vowel, and their share among the letters after a consonant.",
)


@sheet.blank
def blank(text):
    return ...


@sheet.reference
def transitions(text):
    vowel = [letter in "aeiou" for letter in text if letter.isalpha()]
    pairs = list(zip(vowel, vowel[1:], strict=False))
    after_vowel = [second for first, second in pairs if first]
    after_consonant = [second for first, second in pairs if not first]
    return sum(after_vowel) / len(after_vowel), sum(after_consonant) / len(after_consonant)


@sheet.also
def by_counting(text):
    kept = "".join(letter for letter in text if "a" <= letter <= "z")
    counts = {(a, b): 0 for a in (0, 1) for b in (0, 1)}
    for one, two in zip(kept, kept[1:], strict=False):
        counts[one in VOWELS, two in VOWELS] += 1
    return tuple(counts[a, 1] / (counts[a, 0] + counts[a, 1]) for a in (1, 0))


@sheet.also
def as_a_list(text):
    return list(transitions(text))


@sheet.mistake(
    zh="两个数的次序反了：先是元音之后的，再是辅音之后的。",
    en="The two are in the wrong order: after a vowel first, then after a consonant.")
def turned_round(text):
    return transitions(text)[::-1]


@sheet.mistake(
    zh="这是相邻两个字母的联合概率：分母应当只数前一个是元音（或辅音）的那些对。",
    en="These are joint probabilities of two neighbours: divide by the number of pairs whose first letter is a "
       "vowel (or a consonant).")
def joint(text):
    letters = [letter in VOWELS for letter in text if letter.isalpha()]
    pairs = list(pairwise(letters))
    return sum(a and b for a, b in pairs) / len(pairs), sum(not a and b for a, b in pairs) / len(pairs)


@sheet.mistake(
    zh="方向反了：要看的是**后一个**字母，条件是前一个。",
    en="The direction is turned round: the question is about the letter that comes after, given the one before.")
def looks_back(text):
    letters = [letter in VOWELS for letter in text if letter.isalpha()]
    pairs = [(b, a) for a, b in pairwise(letters)]
    after_vowel = [b for a, b in pairs if a]
    after_consonant = [b for a, b in pairs if not a]
    return sum(after_vowel) / len(after_vowel), sum(after_consonant) / len(after_consonant)


@sheet.mistake(
    zh="空格与标点被当成了辅音：先只留下字母。",
    en="Spaces and signs count as consonants here: keep the letters only.")
def every_sign(text):
    return transitions("".join(letter if letter.isalpha() else "b" for letter in text))


@sheet.mistake(
    zh="最后一个字母后面没有字母，它不能算进分母。",
    en="No letter follows the last one, so it must not be counted in the denominator.")
def last_counted(text):
    letters = [letter in VOWELS for letter in text if letter.isalpha()]
    both = [sum(b for a, b in pairwise(letters) if a == kind) for kind in (True, False)]
    return both[0] / letters.count(True), both[1] / letters.count(False)


@sheet.mistake(
    zh="跨过空格的对没有数：空格当作不存在。",
    en="Pairs across a space are missing: a space is as if it were not there.")
def within_words(text):
    pairs = [(a in VOWELS, b in VOWELS) for a, b in pairwise(text) if a.isalpha() and b.isalpha()]
    return tuple(sum(b for a, b in pairs if a == kind) / sum(a == kind for a, b in pairs) for kind in (True, False))


@sheet.probe
def probe(answer):
    for zh, en, text in (("`banana`", "`banana`", "banana"),
                         ("`strange idea`", "`strange idea`", "strange idea"),
                         ("一个句子", "a sentence", "the moon rose, and we rowed out to sea again.")):
        given = answer(text)
        yield Text(f"{zh} 的两个比例", f"the two shares of {en}"), tuple(given)


EXERCISE = sheet.with_hints(
    Text("先把文字变成一串真假值：每个字母是不是元音。",
         "First turn the text into truth values: is each letter a vowel?"),
    Text("`itertools.pairwise` 给出所有相邻的对；按前一个分成两组。",
         "`itertools.pairwise` gives all neighbours; divide them by the first of the two."),
    Text("每组里，后一个是元音的个数除以组的大小。",
         "In each group, the number whose second letter is a vowel over the size of the group."),
)
