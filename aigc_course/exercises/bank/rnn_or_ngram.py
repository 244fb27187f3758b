"""Open: is the recurrent model the better one?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "同事报告：“我们的 LSTM 困惑度是 80，你们的 5-gram 是 150，所以 LSTM 好。”"
        "在接受这个结论之前，我们要问哪些问题、补做哪些测量？",
        "A colleague reports: our LSTM has perplexity 80, your 5-gram has 150, so the LSTM is better. Which "
        "questions would you ask, and what would you measure, before you accept that?"),
    rubric=(
        Text("词表、切分和测试文档是否相同；不同时改用每字符的比特数。",
             "Whether vocabulary, tokens and test documents are the same; where not, bits per character."),
        Text("测试文档有没有出现在训练里（整篇或诗句），EOS、标点和未知字怎样计数。",
             "Whether test documents, or lines of them, occur in training, and how EOS, signs and unknown characters "
             "count."),
        Text("训练时间与数据量是否相当，用了几个随机种子，设置是在哪一部分数据上选的。",
             "Equal training time and data, several seeds, and on which part of the data the settings were chosen."),
        Text("困惑度之外的目的：样本的格律、重复与抄袭，写一个字要多久，模型有多大。",
             "What matters besides perplexity: form, repetition and copying of samples, time for a character, size."),
        Text("差别来自哪里：例如把标点与汉字分开算，或按位置算。",
             "Where the difference comes from, such as signs apart from characters, or place by place."),
    ),
    hints=(
        Text("困惑度除以了什么？两边除以的是同一个数吗？",
             "What was the perplexity divided by, and was it the same for both?"),
        Text("五言诗每五个字必有标点：谁更容易知道这一点？",
             "A sign follows every five characters: which model finds that easier to know?"),
        Text("列出三类问题：可比性、泄漏、用途。",
             "List questions of three kinds: comparability, leakage, purpose."),
    ),
)
