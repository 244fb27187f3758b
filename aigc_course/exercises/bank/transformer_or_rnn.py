"""Open: a Transformer or a recurrent net, for a stream on a small device."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一台只有 64 MB 内存的设备要整天听写：声音不断到来，每秒 50 帧，文字要在半秒内出现。"
        "同事说“Transformer 总比 RNN 好”。我们会怎样选？写出要算哪些账、做哪些测量，以及折中的办法。",
        "A device with 64 MB of memory is to take dictation all day: sound keeps coming, 50 frames a second, and text "
        "should appear within half a second. A colleague says “a Transformer is always better than an RNN”. How would "
        "we choose? Say what to calculate, what to measure, and which compromises there are."),
    rubric=(
        Text("训练与生成分开说：训练时 Transformer 的各个位置可以并行；生成时两者都是一步一步来。",
             "Training and writing are told apart: in training all positions of a Transformer run in parallel; when "
             "writing, both go step by step."),
        Text("每步的代价：RNN 是 O(C²)，与已读的长度无关；带缓存的 Transformer 是 O(C² + tC)，随 t 增长，"
             "缓存占 2·层数·t·C 个数。按一天的帧数算一遍，看 64 MB 够不够。",
             "Cost of a step: O(C²) for an RNN, whatever was read; O(C² + tC) for a Transformer with a cache, growing "
             "with t, and 2 · layers · t · C numbers of cache. Work it out for a day and compare with 64 MB."),
        Text("路径长度：RNN 要经过 t 步才能想起 t 步之前的事，听写是否需要这么远？"
             "用留出数据上的错误率随距离的变化来回答。",
             "Path length: an RNN needs t steps to recall what was t steps ago. Does dictation need that? Answer with "
             "error rates on held-out data by distance."),
        Text("折中：滑动窗口的注意力、分段处理、只在一段之内双向、较小的缓存精度；它们各失去什么。",
             "Compromises: attention to a sliding window, processing in chunks, both directions within a chunk only, a "
             "cache of lower precision; and what each loses."),
        Text("在同样的内存与延迟下比较错误率，几个种子，目标设备上测时间；不凭“总是更好”下结论。",
             "Compare error rates at equal memory and delay, over several seeds, with times taken on the device; "
             "no verdict by “always”."),
    ),
    hints=(
        Text("一天有多少帧？每一层的缓存要为每一帧存多少个数？",
             "How many frames has a day? How many numbers does each layer's cache keep for each?"),
        Text("哪一种代价随已读的长度增长，哪一种不？", "Which cost grows with what was read, and which does not?"),
        Text("听写一个词，需要看多远以前的声音？", "How far back must one look to take down a word?"),
    ),
)
