"""Debug: test data that leak into the scaling of the training data."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`standardise(train, test)` 把两组数据（形状 `(N, D)` 与 `(M, D)`）的每一列减去均值、除以标准差"
       "（`torch.std`），返回一对张量。它能运行，准确率也不难看，可是测试集漏进了训练：换一组测试图像，训练出来的权"
       "重就变了。找出原因并修复。",
    en="`standardise(train, test)` subtracts the mean from each column of two data sets, of shapes `(N, D)` and "
       "`(M, D)`, divides by the standard deviation (`torch.std`), and returns the pair. It runs and the accuracy "
       "looks fine; but the test set leaks into training: with other test images, other weights are learnt. Find "
       "out why and repair it.",
)


@sheet.blank
def blank(train, test):
    both = torch.cat([train, test])
    mean, std = both.mean(0), both.std(0)
    return (train - mean) / std, (test - mean) / std


@sheet.reference
def standardise(train, test):
    mean, std = train.mean(0), train.std(0)
    return (train - mean) / std, (test - mean) / std


@sheet.also
def by_steps(train, test):
    mean = train.sum(0) / len(train)
    std = ((train - mean).square().sum(0) / (len(train) - 1)).sqrt()
    return [(part - mean) / std for part in (train, test)]


@sheet.also
def by_keepdim(train, test):
    mean, std = train.mean(dim=0, keepdim=True), train.std(dim=0, keepdim=True)
    return train.sub(mean).div(std), test.sub(mean).div(std)


@sheet.mistake(
    zh="测试集用了自己的均值：真正使用时一次只来一幅图，没有“测试集的均值”。",
    en="The test set is scaled by its own mean. In use images come one at a time, and there is no such mean.")
def each_its_own(train, test):
    return standardise(train, train)[0], standardise(test, test)[0]


@sheet.mistake(
    zh="反了：均值与标准差只许从训练集里来。",
    en="The wrong way round: mean and standard deviation may come from the training set only.")
def test_alone(train, test):
    mean, std = test.mean(0), test.std(0)
    return (train - mean) / std, (test - mean) / std


@sheet.mistake(
    zh="测试集没有缩放：模型见到的输入必须与训练时同一个尺度。",
    en="The test set is not scaled: a model must see inputs on the scale that it was trained on.")
def only_train(train, test):
    return standardise(train, test)[0], test


@sheet.mistake(
    zh="除以了方差，应当除以标准差。",
    en="This divides by the variance; divide by the standard deviation.")
def variance(train, test):
    mean, var = train.mean(0), train.var(0)
    return (train - mean) / var, (test - mean) / var


@sheet.mistake(
    zh="所有的列共用一个均值；题目要每一列自己的。",
    en="One mean for all columns; each column wants its own.")
def one_number(train, test):
    mean, std = train.mean(), train.std()
    return (train - mean) / std, (test - mean) / std


@sheet.mistake(
    zh="还没有除以标准差。",
    en="The division by the standard deviation is missing.")
def only_mean(train, test):
    mean = train.mean(0)
    return train - mean, test - mean


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    train = torch.randn(6, 3, generator=draw) * torch.tensor([1.0, 2.0, 3.0]) + 1
    test = torch.randn(4, 3, generator=draw) + torch.tensor([0.0, 2.0, 5.0])
    first, second = answer(train, test)
    yield Text("缩放后的训练集", "the training set, scaled"), first
    yield Text("缩放后的测试集", "the test set, scaled"), second


EXERCISE = sheet.with_hints(
    Text("训练之前，哪一行碰到了 `test`？", "Which line touches `test` before training?"),
    Text("均值与标准差也是从数据里学来的参数。", "A mean and a standard deviation are learnt from data, too."),
    Text("从 `train` 算出 `mean` 与 `std`，两组都用它们。",
         "Compute `mean` and `std` from `train` and use them for both."),
)
