"""Predict: what a kernel density estimate becomes as its bandwidth goes to zero."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "核密度估计以每张训练图像为中心放一个宽度为 h 的小高斯。让 h 趋于零，会怎样？",
        "A kernel density estimate puts a small Gaussian of width h around every training image. What happens as h "
        "goes to zero?"),
    options={
        "a": Option(
            Text("训练似然和留出似然都越来越好：模型越来越精细。",
                 "The likelihood of training and of held-out images keeps improving: the model gets finer and finer."),
            Text("训练似然确实没有上限，但没见过的图像落在越来越窄的小高斯之外，它们的对数密度趋于负无穷。",
                 "That of training images has indeed no limit, but unseen images fall outside ever narrower Gaussians, "
                 "and their log-density goes to minus infinity.")),
        "b": Option(
            Text("训练似然和留出似然都变差，样本变成噪声。",
                 "Both likelihoods get worse and the samples turn to noise."),
            Text("恰好相反：h 变大时样本才变成噪声。h 趋于零时，加在训练图像上的噪声消失。",
                 "The opposite: samples turn to noise as h grows. As h goes to zero the noise on the training images "
                 "vanishes.")),
        "c": Option(
            Text("训练似然趋于无穷，留出似然趋于负无穷；样本却看起来最好，Fréchet 距离最小，因为它们就是训练图像。",
                 "The training likelihood goes to infinity, the held-out likelihood to minus infinity; yet the samples "
                 "look their best, with the smallest Fréchet distance, since they are the training images."),
            Text("这就是记忆。样本的度量看不出抄袭；留出似然与最近邻看得出来。",
                 "This is memorisation. Measures of samples do not see copying; held-out likelihood and nearest "
                 "neighbours do.")),
        "d": Option(
            Text("训练似然趋于无穷，留出似然趋于负无穷；Fréchet 距离也随之变大，所以一看样本的度量就知道出了错。",
                 "The training likelihood goes to infinity, the held-out likelihood to minus infinity; the Fréchet "
                 "distance grows as well, so measures of samples reveal the fault."),
            Text("前一半对。但样本就是训练图像，与真实图像同分布，距离反而变小。",
                 "The first half is right. But the samples are the training images, which have the distribution of "
                 "real ones, so the distance shrinks.")),
    },
    happens="c",
)
