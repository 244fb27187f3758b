"""Predict: a frame between two, by blending and by moving."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一张图整体向右移动 8 个像素。要补出中间的一帧：一种办法是把前后两帧取平均，另一种是先估计位移，再把前一帧移"
        "动 4 个像素。"
        "哪一种更接近真正的中间帧？",
        "A picture moves to the right by 8 pixels. The frame in between is wanted: average the two frames, or estimate "
        "the motion and move the first frame by 4 pixels. Which is nearer to the true one?"),
    options={
        "a": Option(Text("取平均：每个像素都用到了两帧。", "The average: each pixel uses both frames."),
                    Text("平均得到两个重影；位移越大，错得越多。",
                         "An average is two ghosts; the larger the motion, the worse.")),
        "b": Option(Text("先估计位移再移动，好得多。", "Estimating and moving, by far."),
                    Text("位移只是原料，移动像素的那一步才造出新的一帧。",
                         "The motion is the ingredient; the step that moves the pixels makes the frame.")),
        "c": Option(Text("两者差不多。", "About the same."),
                    Text("只有位移远小于纹理的尺度时才差不多。",
                         "Only where the motion is much smaller than the texture.")),
    },
    happens="b",
)
