"""Predict: what a lower temperature does to form, variety and copies."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "同一个写诗的 GPT，采样温度从 1 降到 0.3。守住形式的比例、用词的变化、与训练诗相同的最长片段，各会怎样？",
        "One GPT that writes verse; the sampling temperature goes from 1 down to 0.3. What happens to the share of "
        "poems in form, to the variety of words, and to the longest piece shared with a training poem?"),
    options={
        "a": Option(
            Text("形式更好，变化更少，照抄变长。", "Form improves, variety falls, copies grow longer."),
            Text("低温把概率集中到最可能的字上：错字少了，写来写去是同一批词；最可能的词也是训练诗里最常见的词，"
                 "所以相同的片段变长。",
                 "A low temperature gathers the probability on the likeliest characters: fewer slips, the same words "
                 "again and again; and the likeliest words are the commonest of the training poems, so shared pieces "
                 "grow.")),
        "b": Option(
            Text("三样都更好：低温的模型更有把握。", "All three improve: at a low temperature the model is surer."),
            Text("温度没有给模型任何新知识，只是换了一种取法；守规矩是拿变化换来的。",
                 "Temperature gives the model no knowledge, only another way of drawing; form is paid for with "
                 "variety.")),
        "c": Option(
            Text("都不变：温度只影响速度。", "Nothing changes: temperature only affects speed."),
            Text("温度除在 logits 上，改变的正是抽到每个字的概率。",
                 "Temperature divides the logits: it changes the very probabilities of what is drawn.")),
    },
    happens="a",
)
