"""The templates of the course: six kinds of text, each in Chinese and English."""

from __future__ import annotations

from aigc_course.errors import CourseError
from aigc_course.models.text.slots import Day, Flag, OneOf, Phrase, Whole
from aigc_course.models.text.template import Template

_ZH_CITIES, _EN_CITIES = ("北京", "上海", "成都", "哈尔滨", "拉萨"), ("Beijing", "Oslo", "New York", "York", "Lima")
_TEAMS = {"zh": ("红队", "蓝队", "青松队", "海燕队"), "en": ("Red Star", "Blue Star", "Albion", "Rovers")}
_WEATHER = {"low": Whole(-30, 30), "high": Whole(-25, 40), "wind": Whole(0, 12), "day": Day()}
_MATCH = {"goals": Whole(0, 7), "against": Whole(0, 7), "fans": Whole(1, 60000), "extra_time": Flag()}

LIBRARY = (
    Template("weather-zh", """\
{{ day|zh_date }}，{{ city }}{{ sky }}，气温{{ low }}～{{ high }}℃，风力{{ wind }}级\
{% if wind >= 8 %}，有大风，请减少外出{% elif wind == 0 %}，无风{% endif %}\
{% if snow %}，夜间有雪{% endif %}。""",
             {**_WEATHER, "city": OneOf(_ZH_CITIES), "sky": OneOf(("晴", "多云", "阴", "晴转多云")), "snow": Flag()},
             rule="low <= high and (low <= 2 or not snow)"),
    Template("weather-en", """\
{{ city }}, {{ day|en_date }}: {{ sky }}, {{ low }} to {{ high }} °C, wind force {{ wind }}\
{% if wind >= 8 %} (gale warning: stay indoors){% elif wind == 0 %} (calm){% endif %}.\
{% if snow %} Snow at night.{% endif %}""",
             {**_WEATHER, "city": OneOf(_EN_CITIES), "sky": OneOf(("sunny", "cloudy", "overcast")), "snow": Flag()},
             rule="low <= high and (low <= 2 or not snow)"),
    Template("exam-zh", """\
{{ who }}有{{ a|zh_count }}{{ thing|measure }}{{ thing }}，{% if gives %}送给同学{% else %}又买了{% endif %}\
{{ b|zh_count }}{{ thing|measure }}，现在有几{{ thing|measure }}？
答案：{{ a - b if gives else a + b }}""",
             {"who": OneOf(("小明", "小红", "小华")), "a": Whole(2, 49), "b": Whole(1, 49), "gives": Flag(),
              "thing": OneOf(("书", "钢笔", "地图", "杯子", "苹果", "筷子"))}, rule="not gives or b < a"),
    Template("exam-en", """\
{{ who }} has {{ a }} {{ thing|plural(a) }} and {% if gives %}gives away{% else %}buys{% endif %} {{ b }} \
{{ thing|plural(b) }}. How many {{ thing }}s does {{ who }} have now?
Answer: {{ a - b if gives else a + b }}""",
             {"who": OneOf(("Ada", "Alan", "Grace")), "a": Whole(1, 99), "b": Whole(1, 99), "gives": Flag(),
              "thing": OneOf(("book", "pen", "map", "cup", "apple"))}, rule="not gives or b < a"),
    Template("product-zh", """\
【{{ name }}】{{ thing }}一{{ thing|measure }}，{{ colour }}，售价{{ price }}元\
，限时立减{{ off }}元，到手价{{ price - off }}元。\
{% if left <= 3 %}仅剩{{ left|zh_count }}{% else %}库存{{ left }}{% endif %}{{ thing|measure }}。""",
             {"name": Phrase(("云上", "山居", "Nine & Co", "小满 2 号")), "colour": OneOf(("米白", "藏青", "墨绿")),
              "thing": OneOf(("衬衫", "外套", "鞋", "钢笔", "词典")), "price": Whole(20, 999), "off": Whole(1, 500),
              "left": Whole(1, 99)}, rule="off < price"),
    Template("product-en", """\
{{ name }}: {{ thing|article }} {{ thing }} in {{ colour }}. ${{ price }}\
, now ${{ off }} off: ${{ price - off }}. \
{% if left <= 3 %}Only {{ left }} left!{% else %}{{ left }} in stock.{% endif %}""",
             {"name": Phrase(("Nine & Co", "Harbour", "No. 7: {Lab}")), "colour": OneOf(("ivory", "navy", "green")),
              "thing": OneOf(("overcoat", "shirt", "umbrella", "pen")), "price": Whole(20, 999),
              "off": Whole(1, 500), "left": Whole(1, 99)}, rule="off < price"),
    Template("match-zh", """\
{% if goals > against %}{{ home }}主场{{ goals }}比{{ against }}战胜{{ guest }}\
{% elif goals < against %}{{ home }}主场{{ goals }}比{{ against }}不敌{{ guest }}\
{% else %}{{ home }}主场{{ goals }}比{{ against }}战平{{ guest }}{% endif %}\
{% if extra_time %}，双方踢满了加时赛{% endif %}。现场观众{{ fans }}人。""",
             {**_MATCH, "home": OneOf(_TEAMS["zh"]), "guest": OneOf(_TEAMS["zh"])}, rule="home != guest"),
    Template("match-en", """\
{{ home }} {% if goals > against %}beat{% elif goals < against %}lost to{% else %}drew with{% endif %} {{ guest }} \
{{ goals }}-{{ against }}{% if extra_time %} after extra time{% endif %}, before {{ fans }} \
{{ "fan"|plural(fans) }}.""",
             {**_MATCH, "home": OneOf(_TEAMS["en"]), "guest": OneOf(_TEAMS["en"])}, rule="home != guest"),
    Template("greeting-zh", """\
{{ to }}{% if elder %}，给您拜年了{% else %}，过年好{% endif %}！祝{{ feast }}快乐，{{ wish }}。
{{ sender }}，{{ day|zh_date }}""",
             {"to": Phrase(("王老师", "亲爱的外婆", "李雷")), "elder": Flag(), "feast": OneOf(("春节", "元旦")),
              "wish": OneOf(("身体健康", "万事如意", "学业进步")), "sender": Phrase(("小芳", "韩梅梅")),
              "day": Day()}),
    Template("greeting-en", """\
Dear {{ to }},
{{ wish }} to you and your {{ guests }} {{ "guest"|plural(guests) }}!
{% if visit %}We hope to see you soon.
{% endif %}{{ sender }}, {{ day|en_date }}""",
             {"to": Phrase(("Grandma", "Mr O'Neil", "all")), "wish": OneOf(("Happy New Year", "Season's greetings")),
              "guests": Whole(1, 12), "visit": Flag(), "sender": Phrase(("Ann", "The Lees")), "day": Day()}),
    Template("train-zh", """\
各位旅客，开往{{ city }}的{{ train }}次列车{% if late %}晚点{{ minutes }}分钟，请在{{ track }}站台等候\
{% else %}将于{{ minutes }}分钟后从{{ track }}站台发车{% endif %}。""",
             {"city": OneOf(_ZH_CITIES), "train": OneOf(("G7", "D31", "K508")), "late": Flag(),
              "minutes": Whole(1, 120), "track": Whole(1, 20)}),
    Template("train-en", """\
The {{ train }} to {{ city }} {% if late %}is {{ minutes }} {{ "minute"|plural(minutes) }} late; please wait on \
platform {{ track }}{% else %}leaves platform {{ track }} in {{ minutes }} \
{{ "minute"|plural(minutes) }}{% endif %}.""",
             {"city": OneOf(_EN_CITIES), "train": OneOf(("express", "night train")), "late": Flag(),
              "minutes": Whole(1, 120), "track": Whole(1, 20)}),
)


def template(name: str) -> Template:
    """The template called name, such as "weather-zh"."""
    found = {one.name: one for one in LIBRARY}
    if name not in found:
        raise CourseError(f"There is no template {name!r}: choose one of {', '.join(found)}.")
    return found[name]
