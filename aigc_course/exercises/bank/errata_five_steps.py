"""Predict: what five steps of training do that never name the generator's update."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "文档把 GAN 的训练写成五步：初始化；生成假数据；判别器分类；更新判别器；再生成一批，重复第 3、4 步。"
        "照做三百轮之后会怎样？",
        "A document writes GAN training in five steps: initialise; generate fakes; classify with D; update D; generate "
        "again and repeat steps 3 and 4. What has happened after three hundred rounds?"),
    options={
        "a": Option(Text("两个网络都变好了，只是慢一些。", "Both nets have improved, only slowly."),
                    Text("五步里没有一步更新生成器：再多的轮数也不会改变它。",
                         "None of the five updates the generator: no number of rounds will change it.")),
        "b": Option(Text("判别器几乎全对，生成器一个参数也没有变。",
                         "D is nearly always right, and not one parameter of the generator has changed."),
                    Text("对手站着不动，判别器当然赢；样本与训练前完全一样。",
                         "Against an opponent that stands still D wins, and the samples are as before training.")),
        "c": Option(Text("判别器学不会：没有更新过的生成器给不出有用的假样本。",
                         "D learns nothing: a generator without updates gives no useful fakes."),
                    Text("正相反：未训练的生成器画的是噪点，最好认。",
                         "On the contrary: an untrained generator draws noise, the easiest fakes of all.")),
        "d": Option(Text("训练发散：两个网络的损失方向相反。", "Training diverges: the losses of the nets are "
                         "opposed."),
                    Text("只有判别器在走，它的损失单独看是一个普通的分类损失。",
                         "Only D moves, and its loss taken alone is an ordinary loss of classification.")),
    },
    happens="b",
)
