"""Open: a fair comparison of compressors."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "有人说：“变分自编码器同时提高了图像质量和压缩率。”设计一个率失真实验，"
        "公平地比较变分自编码器与量化的 PCA（主成分分析）或 JPEG，并说明什么结果会支持这句话，"
        "什么结果会推翻它。",
        "Someone says: ‘A VAE improves the quality and the compression rate of images at once.’ Design a "
        "rate–distortion experiment that compares a VAE fairly with quantised PCA (principal components) or "
        "JPEG, and say which result would support the claim and which would refute it."),
    rubric=(
        Text("比较曲线而不是单个点：对 β、主成分个数与量化步长、JPEG 质量各取多个值，在相同的码率下比失真，"
             "或在相同的失真下比码率。",
             "Curves, not single points: several values of β, of the number of components and quantisation "
             "step, of JPEG quality; distortion compared at equal rate, or rate at equal distortion."),
        Text("码率的单位一致：1 nat = 1/ln 2 ≈ 1.443 比特，都换算成每幅图像或每个像素的比特数。",
             "One unit of rate: 1 nat = 1/ln 2 ≈ 1.443 bits, everything in bits per image or per pixel."),
        Text("说明 KL 是理想编码（例如相对熵编码）才能接近的码率，不是已经写出的字节；给 PCA 也算熵，"
             "或者两边都真正写成字节。",
             "The KL is a rate that ideal coding, such as relative entropy coding, comes close to, and not "
             "bytes that were written; so give PCA its entropy too, or write actual bytes on both sides."),
        Text("失真的定义一致：同样的像素范围、同一个度量（例如均方误差），在同一批没有参与训练的图像上计算。"
             "用交叉熵训练、用均方误差比较，要说明这对谁有利。",
             "One distortion: the same range of pixels and the same measure, such as mean squared error, on "
             "the same images held out from training. If one side was trained with cross-entropy and is "
             "judged by squared error, say whom that favours."),
        Text("算清附加的开销：JPEG 的文件头在 28×28 的图像上占很大比例；"
             "变分自编码器的解码器和 PCA 的基都要事先送到接收方，要么都计入，要么都不计入。",
             "The overheads: on 28×28 images the header of a JPEG file is a large part; the decoder of a VAE "
             "and the basis of PCA both have to reach the receiver beforehand: count both or neither."),
        Text("支持：在同样的码率下，变分自编码器的失真处处更低，且差距大于随机种子间的波动。推翻：曲线相交，"
             "或 PCA 的失真更低。在同一种方法的曲线上，降低码率总要用失真来换。",
             "In support: at equal rate the VAE's distortion is lower everywhere, by more than the spread "
             "between seeds. Refuting: the curves cross, or PCA's is lower. Along the curve of one method a "
             "lower rate is always paid for with distortion."),
    ),
    hints=(
        Text("“质量”和“压缩率”各用什么数来度量，单位是什么？",
             "Which numbers stand for ‘quality’ and ‘compression’, and in which units?"),
        Text("每种方法都有一个旋钮可以在两者之间取舍。一个点能说明一条曲线吗？",
             "Each method has a knob that trades one for the other. Does one point tell the curve?"),
        Text("接收方要还原图像，除了码字还需要什么？对每种方法都算一遍。",
             "What does the receiver need besides the code words to restore an image? Count it for each "
             "method."),
    ),
)
