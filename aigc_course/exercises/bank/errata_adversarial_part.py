"""Explain: where an adversarial loss does occur in Stable Diffusion."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "文档 002 说 GAN 是 Stable Diffusion 的核心组件。有人反驳：“Stable Diffusion 与对抗训练毫无关系。”哪一种说法"
        "准确？",
        "Document 002 says that a GAN is a core component of Stable Diffusion. Somebody objects: “Stable Diffusion has "
        "nothing to do with adversarial training.” Which statement is accurate?"),
    options={
        "a": Option(Text("文档说得对：没有判别器就画不出图。", "The document is right: no picture without a "
                         "discriminator."),
                    Text("画图时只用文本编码器、去噪网络与解码器，没有判别器。",
                         "Drawing uses the text encoder, the denoiser and the decoder; there is no discriminator.")),
        "b": Option(Text("反驳者说得对：从头到尾没有对抗损失。", "The objector is right: no adversarial loss "
                         "anywhere."),
                    Text("矫枉过正：第一阶段的自编码器训练时用了判别器。",
                         "That corrects too much: the autoencoder of the first stage was trained with a "
                         "discriminator.")),
        "c": Option(
            Text("生成靠扩散；自编码器训练时用过对抗损失，那个判别器随后扔掉。",
                 "Diffusion generates; the autoencoder was trained with an adversarial loss, whose discriminator was "
                 "thrown away."),
            Text("两头都要说准：什么是核心，什么只是训练时的帮手。",
                 "Both halves matter: what is at the core, and what only helped in training.")),
        "d": Option(Text("两者都对，看怎样定义 GAN。", "Both, depending on what a GAN is."),
                    Text("GAN 是生成器与判别器的博弈；扩散模型的去噪网络不参加这样的博弈。",
                         "A GAN is a game of generator and discriminator; the denoiser plays no such game.")),
    },
    right="c",
    hints=(
        Text("把训练与生成分开来看。", "Tell training from generating."),
        Text("它有两个阶段：自编码器，然后是潜空间里的扩散。", "There are two stages: an autoencoder, then diffusion."),
        Text("哪一个阶段的训练里有判别器？", "Which stage had a discriminator in training?"),
    ),
)
