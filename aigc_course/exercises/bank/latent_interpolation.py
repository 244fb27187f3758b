"""Predict: what lies between two handwritten digits in latent space."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text("取两个潜变量，一个生成 3，一个生成 8，在它们之间插值。中间的图像会是什么样？",
              "Take two latent vectors, one that gives a 3 and one that gives an 8, and interpolate "
              "between them. What will the images in the middle look like?"),
    options={
        "a": Option(Text("两幅图像的淡入淡出：3 变淡，8 变浓。", "A cross-fade: the 3 pales while the 8 "
                                                                 "darkens."),
                    Text("淡入淡出是像素空间里的插值。这里插值的是生成器的输入，不是它的输出。",
                         "That is interpolation in pixel space. Here it is the generator's input that is "
                         "interpolated, not its output.")),
        "b": Option(Text("笔画连续变形，大多数中间图像仍像是手写的笔迹。",
                         "The strokes deform continuously, and most images in between still look "
                         "handwritten."),
                    Text("生成器是连续的，判别器又要求每个常见的潜变量都给出可信的图像，"
                         "所以路径上的图像也像手写。",
                         "The generator is continuous, and the discriminator asks for a credible image "
                         "from every common latent vector, hence also along the path.")),
        "c": Option(Text("噪声：生成器只认识训练时用过的那些潜变量。",
                         "Noise: the generator knows only the latent vectors it was trained with."),
                    Text("训练时每一步都抽取新的潜变量，没有哪一个会重复；球面上的中间点与它们一样常见。",
                         "Every training step draws new latent vectors and none comes twice; points "
                         "between two of them on the sphere are just as common.")),
    },
    happens="b",
)
