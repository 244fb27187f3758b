"""Open: does a better bound mean a better model?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "我们改了变分自编码器，ELBO 从 −104 nat 升到了 −101 nat。模型真的变好了吗？"
        "说明我们要排除哪些别的解释，各用什么测量来排除。",
        "We changed a VAE and its ELBO rose from −104 to −101 nats. Has the model become better? Say which "
        "other explanations you would rule out, and by which measurement each."),
    rubric=(
        Text("指出 ELBO = log p(x) − KL(q(z|x) ‖ p(z|x))：上升可能来自更好的模型，"
             "也可能只是编码器更接近真实后验，下界与 log p(x) 的差距变小了。",
             "ELBO = log p(x) − KL(q(z|x) ‖ p(z|x)): it may rise because the model is better, or merely "
             "because the encoder is closer to the true posterior and the gap below log p(x) smaller."),
        Text("用许多样本的重要性加权下界来估计 log p(x)，比较两个模型的这个估计；它随 K 上升，"
             "两者要用同样大的 K，并检查 K 再加大时是否还在明显上升。",
             "The importance-weighted bound with many samples as an estimate of log p(x), compared between "
             "the models; it rises with K, so use the same K for both and see whether a larger K still "
             "raises it noticeably."),
        Text("在没有参与训练、也没有用来选择模型的图像上测量；只在训练集上的上升可能是过拟合。",
             "Images used neither for training nor for choosing the model; a rise on the training set alone "
             "may be overfitting."),
        Text("两次测量的似然与单位相同：同样的数据，二值化或灰度的做法一致，伯努利与高斯的数值不能相比，"
             "都是每幅图像的 nat 数，并且即使用 β ≠ 1 训练，评估时 β = 1。",
             "The same likelihood and units both times: the same data, binarised or grey alike, no Bernoulli "
             "number against a Gaussian one, nats per image, and evaluated at β = 1 even if trained with "
             "another β."),
        Text("3 nat 要与误差比较：几个随机种子之间的波动，以及对同一批图像逐幅求差后的标准误。",
             "The 3 nats set against their error: the spread between several seeds, and the standard error "
             "of the differences taken image by image."),
        Text("说明似然高不等于样本好看：样本质量和潜变量是否有用要另外测量。",
             "A higher likelihood does not imply better-looking samples: their quality, and whether the "
             "latents are of use, are to be measured separately."),
    ),
    hints=(
        Text("ELBO 只是 log p(x) 的下界。下界上升时，log p(x) 一定上升吗？",
             "The ELBO is a lower bound on log p(x). If the bound rises, must log p(x) rise?"),
        Text("有没有比 ELBO 更紧的下界，可以用来看清差距的大小？",
             "Is there a tighter bound than the ELBO that would show how large the gap is?"),
        Text("再查一查两个数是不是同一种量：同样的图像，同样的像素取值，同样的分布，同样的单位。",
             "Then check that the two numbers are of one kind: same images, same pixel values, same "
             "distribution, same unit."),
    ),
)
