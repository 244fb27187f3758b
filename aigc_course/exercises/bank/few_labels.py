"""Open: few labels, a deadline, a large model behind an interface."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "我们要把用户来信分成 12 类。手头有 60 封标好的信、20 万封没有标的信、一台没有 GPU 的服务器，"
        "也可以按次付费调用一个大模型。"
        "在“提示里放例子”“预训练加微调”“从头训练”三条路里怎样选？怎样知道选对了？",
        "Letters of users are to be sorted into 12 classes. There are 60 labelled letters, 200,000 without "
        "labels, a server "
        "without a GPU, and a large model that can be called for money. Examples in the prompt, pre-training and "
        "fine-tuning, "
        "or training from scratch: how do you choose, and how do you know that the choice was right?"),
    rubric=(
        Text("先留出测试集，再谈方法；60 封、12 类，平均每类 5 封，置信区间有多宽要算出来。",
             "A test set comes first; 60 letters in 12 classes are 5 each, and the width of the interval has to "
             "be worked "
             "out."),
        Text("给出便宜的基线：多数类、词袋加线性分类器。",
             "Cheap baselines: the majority class, a linear model of word counts."),
        Text("无标签的信可以用来预训练（或继续预训练）；少量标签时它最值钱，标签多了优势缩小。",
             "The unlabelled letters can serve for pre-training; it is worth most with few labels, and less with "
             "many."),
        Text("情境学习不改权重：马上可用，但每次都要付例子的钱，受上下文长度限制，答案随例子的次序变化，"
             "要多试几组例子。",
             "In-context learning changes no weights: it is there at once, but every call pays for the examples, "
             "the context "
             "is limited, and answers vary with the examples and their order: try several sets."),
        Text("隐私与许可：来信能不能送到外面的服务；用来提示的信不能又是测试的信。",
             "Privacy and terms: may letters leave the house? Letters in the prompt must not be test letters."),
        Text("多个随机种子，在验证集上选设置；再标 200 封往往比换模型更有用。",
             "Several seeds, settings chosen on validation data; 200 more labels often help more than another "
             "model."),
    ),
    hints=(
        Text("哪一种资源最稀缺：标签、文本、算力还是时间？", "What is scarcest: labels, text, computing or time?"),
        Text("看本课的表：10、100、1,000 个标签时各差多少？",
             "Look at the table of this lesson: how large is the gap at 10, 100, 1,000?"),
        Text("写出每条路出错时会怎样被发现。", "Say, for each way, how you would notice that it fails."),
    ),
)
