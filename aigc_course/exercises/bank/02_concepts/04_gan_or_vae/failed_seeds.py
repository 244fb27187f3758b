"""Debug: a count of failed runs that overlooks those that diverged."""

import math

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`count_failed(right, coverage)` 数失败的种子：写对的比例低于 0.9，或覆盖率低于 0.5，就算失败；训练发散的种"
       "子两个数都是 `nan`，当然也算失败。可是发散的种子从来没有被数进去。找出原因并修复。两个参数是等长的浮点数列"
       "表，返回整数。",
    en="`count_failed(right, coverage)` counts failed seeds: a share read as asked below 0.9 or a coverage below "
       "0.5 is a failure; a seed that diverged has `nan` for both and has failed as well, of course. Yet diverged "
       "seeds are never counted. Find out why and repair it. Both arguments are lists of floats of equal length; "
       "return an integer.",
)


@sheet.blank
def blank(right, coverage):
    failed = 0
    for one, other in zip(right, coverage, strict=True):
        if one < 0.9 or other < 0.5:
            failed += 1
    return failed


@sheet.reference
def count_failed(right, coverage):
    succeeded = [one >= 0.9 and other >= 0.5 for one, other in zip(right, coverage, strict=True)]
    return len(succeeded) - sum(succeeded)


@sheet.also
def nan_asked_for(right, coverage):
    return sum(math.isnan(a) or math.isnan(b) or a < 0.9 or b < 0.5 for a, b in zip(right, coverage, strict=True))


@sheet.also
def by_tensors(right, coverage):
    good = (torch.tensor(right) >= 0.9 - 1e-6) & (torch.tensor(coverage) >= 0.5 - 1e-6)
    return int((~good).sum())


@sheet.mistake(
    zh="发散的种子被丢掉了，等于没有失败：这正是要修的错误。它们要算作失败。",
    en="The diverged seeds are dropped, as if they had not failed: that is the fault to repair. Count them.")
def runs_dropped(right, coverage):
    kept = [(a, b) for a, b in zip(right, coverage, strict=True) if not math.isnan(a) and not math.isnan(b)]
    return sum(a < 0.9 or b < 0.5 for a, b in kept)


@sheet.mistake(
    zh="两条中有一条不满足就是失败，成功要两条都满足：成功的条件用 `and` 连接。",
    en="Missing one of the two is failure; success needs both, so its conditions are joined by `and`.")
def both_needed(right, coverage):
    return sum(not (a >= 0.9 or b >= 0.5) for a, b in zip(right, coverage, strict=True))


@sheet.mistake(
    zh="覆盖率不见了：每张都写对、却只有一种写法的生成器，应当算失败。",
    en="The coverage is gone: a generator that writes every digit right, but in one way only, has failed.")
def coverage_overlooked(right, coverage):
    return sum(not a >= 0.9 for a in right)


@sheet.mistake(
    zh="正好 0.9 与 0.5 不算失败：失败是“低于”。",
    en="Exactly 0.9 and 0.5 are no failure: failing means below.")
def limits_exclusive(right, coverage):
    return sum(not (a > 0.9 and b > 0.5) for a, b in zip(right, coverage, strict=True))


@sheet.mistake(
    zh="只查了一个数是不是 `nan`：覆盖率也可能是。",
    en="Only one of the numbers is tested for `nan`: the coverage can be one, too.")
def one_nan_only(right, coverage):
    return sum(math.isnan(a) or a < 0.9 or b < 0.5 for a, b in zip(right, coverage, strict=True))


@sheet.mistake(
    zh="这是失败的比例；题目要的是个数。",
    en="This is the share that failed; the number is asked for.")
def a_share(right, coverage):
    return count_failed(right, coverage) / len(right)


@sheet.probe
def probe(answer):
    nan = float("nan")
    for zh, en, right, coverage in (
            ("全部成功时", "where all succeed", [0.95, 0.99], [0.7, 0.9]),
            ("有几次不够好时", "where some are not good enough", [0.95, 0.5, 0.3, 0.97], [0.2, 0.8, 0.1, 0.8]),
            ("正好在界限上时", "exactly at the limits", [0.9, 0.9, 0.89], [0.5, 0.6, 0.5]),
            ("有一次发散时", "where one diverged", [0.95, nan, 0.96, 0.99], [0.8, nan, 0.7, 0.9]),
            ("只有覆盖率算不出时", "where only the coverage is not a number", [0.95, 0.99, 0.2], [nan, 0.9, nan])):
        yield Text(f"{zh}的计数", f"the count {en}"), answer(list(right), list(coverage))


EXERCISE = sheet.with_hints(
    Text('在 Python 里，`float("nan") < 0.9` 的值是什么？', 'What is `float("nan") < 0.9` in Python?'),
    Text("与 `nan` 的任何大小比较都是假。那么，“不失败”和“成功”还是一回事吗？",
         "Every ordering comparison with `nan` is false. Are “not failed” and “succeeded” still the same?"),
    Text("写出成功的条件 `one >= 0.9 and other >= 0.5`，不成功的就是失败。",
         "Write down success, `one >= 0.9 and other >= 0.5`; what has not succeeded has failed."),
)
