"""Open: which of the two for a task, and how one would find out that the choice was wrong."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "选一个你在意的任务（例如：为课件生成插图、找出一批扫描件里的异常图像、给照片去噪、补充稀少类别的训练数据）。"
        "你会选 GAN 还是 VAE，还是都不选？说明理由，并写出什么样的测量结果会让你改变主意。",
        "Choose a task that matters to you (for example: illustrations for slides, finding odd images in a pile of "
        "scans, removing noise from photographs, more training data for rare classes). Would you take a GAN, a VAE, or "
        "neither? Give your reasons, and the measurement that would change your mind."),
    rubric=(
        Text("先说任务需要哪一种能力：采样、给给定的图像打分、编码；再看谁有这种能力。",
             "Start from the ability that the task needs: sampling, scoring a given image, encoding; then see who has "
             "it."),
        Text("度量与任务对应：采样看距离、覆盖率与写对的比例；打分看留出数据上的界，以及对异常的区分（例如 AUC）；"
             "编码看还原误差或下游任务。",
             "The measure fits the task: distance, coverage and correctness for sampling; the bound on held-out data "
             "and the separation of odd images (such as AUC) for scoring; the error of reconstruction or a downstream "
             "task for encoding."),
        Text("比较要公平：同样的数据、同样的时间，多个种子，失败的也算；并列出基线（另一批真实图像）。",
             "A fair comparison: the same data and time, several seeds with the failed ones counted, and the floor "
             "(other real images) beside it."),
        Text("不拿 Parzen 窗的“似然”或几张挑出来的图像作证据。",
             "No Parzen “likelihood” and no hand-picked images as evidence."),
        Text("说清会让自己改变主意的数字，例如覆盖率低于某个值，或异常图像的得分与正常的分不开。",
             "A number that would change the choice is named, such as a coverage below some value, or odd images whose "
             "scores are not separated from ordinary ones."),
    ),
    hints=(
        Text("任务要的是“新的图像”，还是“关于已有图像的一个数”？",
             "Does the task want new images, or a number about images that exist?"),
        Text("若漏掉数据的一部分，后果有多严重？哪个度量看得出来？",
             "How bad would it be to miss a part of the data, and which measure would show it?"),
        Text("模糊在你的任务里是缺点，还是（例如去噪时）正是最优的答案？",
             "Is blur a fault in your task, or the best answer there is, as in denoising?"),
    ),
)
