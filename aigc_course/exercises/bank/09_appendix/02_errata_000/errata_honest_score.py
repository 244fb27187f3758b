"""Fill in: choose on validation data, report on test data."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="`honest_score(validation, test)` 的两个参数形状都是 `(N,)`：N 个模型在验证集与测试集上的正确率。返回应当报"
       "告的那个数：在验证集上选出的模型，它在测试集上的正确率。",
    en="`honest_score(validation, test)` gets two tensors `(N,)`: the accuracies of N models on the validation and "
       "on the test set. Return the number to report: the test accuracy of the model chosen on the validation set.",
)


@sheet.blank
def blank(validation, test):
    return ...


@sheet.reference
def honest_score(validation, test):
    return test[validation.argmax()]


@sheet.also
def by_sorting(validation, test):
    return test[validation.sort(descending=True).indices[0]]


@sheet.also
def by_mask(validation, test):
    return test[validation == validation.max()][0]


@sheet.mistake(
    zh="这正是文档的做法：在测试集上挑，好运气混进了成绩。",
    en="That is what the document does: choosing on the test set mixes luck into the score.")
def best_on_test(validation, test):
    return test.max()


@sheet.mistake(
    zh="选得对，报告的却是验证集上的分数；它也被挑选抬高了。",
    en="Chosen rightly, but this is the validation score, which the choice has raised as well.")
def validation_score(validation, test):
    return validation.max()


@sheet.mistake(
    zh="这是所有模型的平均，不是选中的那一个。",
    en="That is the mean over all the models, not the chosen one.")
def average(validation, test):
    return test.mean()


@sheet.mistake(
    zh="选成了验证集上最差的那个。",
    en="That is the model worst on validation.")
def worst(validation, test):
    return test[validation.argmin()]


@sheet.mistake(
    zh="挑选时仍然看了测试集。",
    en="The test set still had a say in the choice.")
def chosen_on_both(validation, test):
    return test[(validation + test).argmax()]


@sheet.probe
def probe(answer):
    validation, test = torch.tensor([0.52, 0.61, 0.48, 0.58]), torch.tensor([0.66, 0.51, 0.40, 0.64])
    yield Text("应当报告的分数", "the score to report"), answer(validation, test)
    yield Text("另一组模型", "other models"), answer(test, validation)


EXERCISE = sheet.with_hints(
    Text("哪一个张量可以用来挑，哪一个只能看一次？",
         "Which tensor may be used to choose, and which may be looked at once?"),
    Text("`argmax` 给出最大值的位置。", "`argmax` gives the place of the largest value."),
    Text("先由 `validation` 得到位置，再到 `test` 里取那一项。",
         "Get the place from `validation`, then take that entry of `test`."),
)
