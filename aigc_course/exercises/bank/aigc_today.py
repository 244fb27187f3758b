"""Open: generated content in one's own day, and how one would measure it."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "找出你今天遇到的一件（可能）由模型生成的内容。它是哪种模态？可能是哪一类模型做的？怎样量它的质量与多样，"
        "又怎样检查它是不是照抄？若你无法判断它是不是生成的，说说还缺什么证据。",
        "Find something you met today that a model has (perhaps) generated. Which modality is it, and which kind of "
        "model may have made it? How would you measure its quality and its variety, and how would you find out whether "
        "it is copied? If you cannot tell whether it was generated, say what evidence is missing."),
    rubric=(
        Text("说清模态，并给出一类合理的模型：文字多半是自回归的语言模型，图像与视频多半是扩散模型，固定格式的通知多半是模板。",
             "Names the modality and a plausible kind of model: text mostly from an autoregressive language model, "
             "images and video mostly from a diffusion model, notices of a fixed form mostly from a template."),
        Text("质量与多样分开来量，而且都有一条真实数据的基线。",
             "Quality and variety are measured separately, each with a baseline of real data."),
        Text("照抄要与训练数据比（最长相同片段、最近邻的距离）；看不到训练数据时，承认无法排除。",
             "Copying is looked for against the training data (longest common piece, distance to the nearest "
             "neighbour); where the training data cannot be seen, admits that copying cannot be excluded."),
        Text("不把“看起来像真的”当作证据，也不把自动检测器的输出当作定论。",
             "Does not take “looks real” as evidence, nor the output of an automatic detector as proof."),
    ),
    hints=(
        Text("天气预报、导航的语音、输入法的下一个词、推荐文案里的插图，都可以。",
             "A weather report, the voice of a route planner, the next word your keyboard offers, a picture in an "
             "advertisement: any will do."),
        Text("若只有一件样本，能量多样吗？还需要什么？",
             "Can variety be measured from a single sample? What else is needed?"),
        Text("谁有训练数据？出处（水印、签名）能证明什么，不能证明什么？",
             "Who has the training data? What can a mark of origin (a watermark, a signature) prove, and what not?"),
    ),
)
