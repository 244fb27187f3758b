"""Predict: a matrix of spectral radius 0.9 that first makes gradients grow."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个二维的线性循环网络，权重矩阵是 [[0.9, 5], [0, 0.9]]，两个特征值都是 0.9。梯度每往回走一步，就乘一次"
        "它的转置。60 步之内，梯度（取最坏的方向）会怎样？",
        "A linear recurrent net of two units has the weights [[0.9, 5], [0, 0.9]], whose eigenvalues are both 0.9. "
        "With each step back a gradient is multiplied by the transpose. What becomes of it within 60 steps, in the "
        "worst direction?"),
    options={
        "a": Option(Text("从第一步起每步缩小到 0.9 倍。", "It shrinks to 0.9 of itself at every step."),
                    Text("这只对正规矩阵成立，例如正交矩阵乘以 0.9。特征值说的是长远的速度，不是每一步。",
                         "That holds for normal matrices, such as an orthogonal one times 0.9. Eigenvalues tell the "
                         "speed in the long run, not at each step.")),
        "b": Option(Text("先变大到近 20 倍，再慢慢变小；40 步之后仍比开始时大。",
                         "It grows almost 20-fold, then slowly shrinks; after 40 steps it is still larger than at "
                         "first."),
                    Text("每一步的上界是最大奇异值，这里超过 5；谱半径 0.9 要很久才说了算。",
                         "The bound of a step is the largest singular value, here over 5; it takes the spectral radius "
                         "of 0.9 a long time to win.")),
        "c": Option(Text("一直变大：最大奇异值超过 1。", "It keeps growing: the largest singular value is over 1."),
                    Text("奇异值只给上界。特征值都小于 1，幂最终趋于 0。",
                         "Singular values only give a bound. With all eigenvalues below 1 the powers go to 0 in the "
                         "end.")),
    },
    happens="b",
)
