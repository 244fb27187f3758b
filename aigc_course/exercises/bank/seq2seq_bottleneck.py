"""Predict: long words through one vector, with and without attention."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "两个网络学习把长度为 1 到 10 的字母串倒过来写。一个只有固定长度的向量 z，另一个还有注意力；"
        "其余完全相同，训练步数也一样。训练之后，整串全对的比例会怎样？",
        "Two nets learn to write words of 1 to 10 letters backwards. One has only the vector z, of a fixed length, the "
        "other has attention as well; all else is the same, the number of steps too. How many whole words will be "
        "right?"),
    options={
        "a": Option(
            Text("两者都接近 100%：十个字母的信息很少，一个向量放得下。",
                 "Nearly all for both: ten letters hold little information, and one vector has room for them."),
            Text("放得下不等于学得会：要把每个字母连同它的位置都压进 z，再按顺序取出来，短时间的训练做不到。",
                 "Room is not skill: pressing every letter and its place into z, and taking them out in order, is not "
                 "learnt in so short a training.")),
        "b": Option(
            Text("短的串两者都对；越长，没有注意力的网络越差，有注意力的受的影响小得多。",
                 "Short words are right for both; the longer they are, the worse the net without attention, while the "
                 "one with attention suffers far less."),
            Text("有注意力时，每一步直接去看要抄的那个字母，与总长无关；没有注意力时，全部字母挤在同一个 z 里。",
                 "With attention every step looks at the letter to copy, whatever the length; without it all letters "
                 "share one z.")),
        "c": Option(
            Text("没有注意力的网络在长串上更好：它不会看错地方。",
                 "The net without attention is better on long words: it cannot look at the wrong place."),
            Text("它也无处可看：z 的长度固定，串越长，每个字母分到的位置越少。",
                 "It has nowhere to look: z has a fixed length, and the longer the word, the less of it is left for "
                 "each letter.")),
        "d": Option(
            Text("两者都学不会：倒着写需要知道总长，而循环网络不会数数。",
                 "Neither learns it: to write backwards one must know the length, and recurrent nets cannot count."),
            Text("编码器读到句末才开始写，最后的状态里就有“这里是结尾”；从那里往回看即可。",
                 "The decoder starts where the encoder has read the end, and the last state knows it is there; from "
                 "then on it looks backwards.")),
    },
    happens="b",
)
