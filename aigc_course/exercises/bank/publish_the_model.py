"""Open: a generative model published in place of the data it was trained on."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一家医院不愿公开病人的图像，打算改为公开一个用它们训练的生成模型。候选是：高斯混合、核密度估计、GAN、VAE。"
        "你会否决哪一个？公开之前，你会做哪些测量？什么结果会让你反对公开？",
        "A hospital will not publish its patients' images and means to publish a generative model trained on them "
        "instead: a Gaussian mixture, a kernel density estimate, a GAN or a VAE. Which would you rule out? What would "
        "you measure before publication, and which result would make you object?"),
    rubric=(
        Text("否决核密度估计：它存的就是训练数据，公开模型等于公开数据。",
             "The kernel density estimate is ruled out: it stores the training data, and who publishes it publishes "
             "them."),
        Text("其他模型不存数据，但也可能记住一部分：分量多的混合模型，一个分量可能只围着一个病人。",
             "The others store no data but may memorise some: in a mixture with many components one may sit on a "
             "single patient."),
        Text("最近邻：样本到训练图像的距离，与没见过的真实图像的距离相比；并排看最近的几对。",
             "Nearest neighbours: distances of samples to training images against those of unseen real images, and the "
             "closest pairs side by side."),
        Text("能打分的模型：比较训练图像与留出图像的似然；差距大就能猜出谁参加了训练。",
             "For models that score: likelihood of training against held-out images; a large gap tells who took part."),
        Text("不拿 Fréchet 距离或好看的样本作安全的证据：抄得最像的，这些度量最好。",
             "No Fréchet distance and no pretty samples as evidence of safety: copies score best on those."),
        Text("写出会让自己反对的数字；并说明没有发现记忆不等于没有记忆（差分隐私才给得出保证）。",
             "A number that would make one object, and the caution that no memorisation found is not none there; "
             "differential privacy gives guarantees."),
    ),
    hints=(
        Text("采样时，哪个模型离不开训练数据？", "Which of them cannot sample without the training data?"),
        Text("怎样的两组距离放在一起，才看得出样本离训练图像太近？",
             "Which two sets of distances, side by side, show that samples are too close to training images?"),
        Text("如果模型会打分，训练图像与没见过的图像的得分应当怎样？",
             "If the model scores, how should the scores of training and of unseen images compare?"),
    ),
)
