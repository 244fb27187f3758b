"""The poet: headers, what it may begin with, controlled writing, and the card's figures recomputed."""

import json
import re

import pytest
import torch

from aigc_course.cli import main
from aigc_course.data.text.tang import lines, tang_couplets
from aigc_course.data.text.vocabulary import BOS, EOS, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.gpt import GPT, GPTConfig, generate
from aigc_course.projects.poet import recipe as recipe
from aigc_course.projects.poet.model import FOLDER, FORMS, LONGEST, Poem, Poet, header, load_poet
from aigc_course.resources import resource

NIGHT = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
STORKS = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
CITY = "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。"


@pytest.fixture(scope="module")
def stub() -> Poet:
    """A poet that has learnt nothing yet, and has strong opinions all the same."""
    torch.manual_seed(0)
    signs = "五七绝言无麻波皆开微豪尤寒文唐庚齐支姑："
    vocabulary = Vocabulary.of([signs, NIGHT, STORKS, CITY])
    net = GPT(GPTConfig(len(vocabulary), 64, 16, 1, 2)).eval()
    net.tokens.weight.data *= 15
    return Poet(net, vocabulary)


def test_a_header_names_form_kind_and_todays_rhyme():
    assert header(NIGHT) == "五绝唐：" and header(STORKS) == "五绝尤："
    assert header(CITY, "言") == "七言无："                             # 还 is hái where it stands alone
    assert header(STORKS.replace("楼", "山")) == "五绝无："


def test_headers_are_drawn_as_the_model_has_them(stub):
    """Their share of many draws is p(header, first) over the sum of all that agree with what is asked."""
    found = [f"五绝{rhyme}：" for rhyme in "麻波皆开微豪尤寒文唐庚齐支姑无"]
    first = "床前明月光，"
    with torch.no_grad():
        scores = []
        for head in found:
            ids = torch.tensor([[BOS, *stub.vocabulary.encode(head + first)]])
            log_p = stub.net(ids[:, :-1]).log_softmax(-1)
            scores.append(log_p[0, torch.arange(ids.shape[1] - 1), ids[0, 1:]].sum())
    expected = torch.stack(scores).softmax(0)
    torch.manual_seed(1)
    drawn = stub.headers(4000, first)
    shares = torch.tensor([drawn.count(head) / 4000 for head in found])
    assert set(drawn) <= set(found) and expected.max() > 3 * expected.min()
    assert (shares - expected).abs().max() < 0.03
    assert set(stub.headers(50, "", "七", "庚")) == {"七绝庚："}
    assert {head[0] for head in stub.headers(200, "床前")} == {"五", "七"}


def test_a_beginning_is_simplified_and_a_whole_line_gets_its_sign(stub):
    assert stub.opening(" 床前明月光 ") == "床前明月光，" and stub.opening("黃河") == "黄河"
    for poem in stub.write(3, "床前明月光"):
        assert poem.text.startswith("床前明月光，") and poem.header[0] == "五"
    assert stub.write(3, seed=4) == stub.write(3, seed=4) != stub.write(3, seed=5)


@pytest.mark.parametrize("arguments, what", [({"first": "🙂龘"}, "does not know '🙂龘'"), ({"form": "六"}, "五、七"),
                                             ({"rhyme": "东"}, "麻、波"), ({"first": "明月" * 40}, "shorten")])
def test_what_the_poet_cannot_write_is_refused_in_one_sentence(stub, arguments, what):
    with pytest.raises(CourseError, match=what):
        stub.write(1, **arguments)


def test_the_trace_is_what_generation_saw(stub):
    """Probabilities from one pass over the finished poem equal those of writing it, token by token."""
    poem = Poem(header(NIGHT), NIGHT)
    steps = stub.trace(poem, likeliest=3)
    assert "".join(step.character for step in steps) == NIGHT
    whole = stub.vocabulary.encode("".join(poem))
    with torch.no_grad():
        for i, step in enumerate(steps):
            ids = [BOS, *whole[:len(poem.header) + i]]
            p = stub.net(torch.tensor([ids]))[0, -1].softmax(-1)
            assert step.p == pytest.approx(p[whole[len(poem.header) + i]].item(), abs=1e-6)
            assert [value for _, value in step.likeliest] == pytest.approx(p.topk(3).values.tolist(), abs=1e-6)


def test_bits_pay_for_the_header(stub):
    ids = stub.vocabulary.encode(header(CITY) + CITY)
    tokens = torch.tensor([[BOS, *ids, EOS]])
    with torch.no_grad():
        log_p = stub.net(tokens[:, :-1]).log_softmax(-1).gather(2, tokens[:, 1:, None]).sum()
    expected = -log_p.item() / len(CITY) / torch.tensor(2.0).log().item()
    assert recipe.bits(stub.net, stub.vocabulary, [CITY]) == pytest.approx(expected, rel=1e-5)


def test_figures_count_form_rhyme_and_copies():
    good, torn = Poem("五绝唐：", NIGHT), Poem("七绝庚：", "朝辞白帝彩云间，\n千里江陵。")
    found = recipe.figures([good, torn], [NIGHT, STORKS])
    assert found["lines"] == found["punctuation"] == found["form asked for"] == found["rhymes today"] == 0.5
    assert found["rhyme asked for"] == 0.5 and found["most copied"] == len(NIGHT)
    assert found["old lines"] == pytest.approx(4 / 6)
    assert not recipe.in_rhyme(Poem("五绝尤：", NIGHT))


def test_training_reads_everything_first_and_quatrains_last(monkeypatch):
    texts = recipe.Corpus([CITY] * 7, [NIGHT, STORKS], [], [])
    vocabulary = recipe.vocabulary_of(texts, 1)
    config = recipe.PoetRecipe(GPTConfig(len(vocabulary)), steps=10, tokens=200, quatrains=0.4)
    batches = recipe.Reading(texts, vocabulary, config, recipe.Compute())
    seen = [{vocabulary.decode(row) for row in batches[step][0]} for step in range(10)]
    assert recipe.documents([CITY] * 6, "言") == ["七言无：" + CITY] * 6 + [CITY] * 2
    assert any("七言无：" + CITY in texts for texts in seen[:6])
    assert not any(CITY in text for texts in seen[6:] for text in texts)
    assert set().union(*seen[6:]) == {"五绝唐：" + NIGHT, "五绝尤：" + STORKS, NIGHT}


@pytest.mark.slow
def test_an_interrupted_training_goes_on_and_a_missing_mirror_is_one_sentence(tmp_path, monkeypatch):
    """Stopped after two of four rounds and resumed, it ends with the same weights as in one go."""
    texts = recipe.Corpus([CITY] * 3, [NIGHT, STORKS] * 2, [NIGHT], [STORKS])
    monkeypatch.setattr(recipe, "corpus", lambda: texts)
    monkeypatch.setenv("AIGC_STATIC", "1")
    sizes = ["--net.width=16", "--net.layers=1", "--net.heads=2", "--steps=4", "--quatrains=0.5", "--tokens=100",
             "--rarest=1"]

    def train(name: str, *arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["train", "poet", "--out", str(tmp_path / name), *arguments])
        return str(end.value.code or "")

    assert train("one", *sizes) == ""
    whole = recipe.Reading.__getitem__

    def stopped(self, step):
        if step == 2:
            raise KeyboardInterrupt
        return whole(self, step)

    monkeypatch.setattr(recipe.Reading, "__getitem__", stopped)
    assert "Stopped at once" in train("two", *sizes, "--save-every", "1")
    monkeypatch.setattr(recipe.Reading, "__getitem__", whole)
    assert train("two", "--resume") == ""
    one, two = (load_poet(tmp_path / name / "weights/poet") for name in ("one", "two"))
    assert all(torch.equal(a, b) for a, b in zip(one.net.parameters(), two.net.parameters(), strict=True))
    assert "bits per character of test poems with headers" in (tmp_path / "two/card.md").read_text("utf-8")

    def unreachable():
        raise CourseError("chinese-poetry could not be downloaded: connect to the network.")

    monkeypatch.setattr(recipe, "corpus", unreachable)
    assert "connect to the network" in train("three")


# --- the poet that comes with the course ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def poet() -> Poet:
    return load_poet()


def test_the_folder_is_small_and_its_card_names_its_size(poet):
    folder = resource(FOLDER)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 10_000_000
    card = folder.with_suffix(".md").read_text("utf-8")
    assert f"{sum(p.numel() for p in poet.net.parameters()):,} parameters" in card
    assert f"{len(poet.vocabulary):,} tokens" in card


@pytest.mark.slow
def test_transformers_writes_the_same_poems(poet):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = resource(FOLDER)
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), \
        AutoTokenizer.from_pretrained(folder)
    for prompt in ("七绝庚：", "五绝尤：白日依山尽，", "春风"):
        batch = tokenizer(prompt, return_tensors="pt")
        assert batch.input_ids[0].tolist() == [BOS, *poet.vocabulary.encode(prompt)]
        (theirs,) = model.generate(**batch, do_sample=False, max_new_tokens=40)
        (ours,) = generate(poet.net, [poet.vocabulary.encode(prompt)], 40, temperature=0)
        assert tokenizer.decode(theirs, skip_special_tokens=True) == poet.vocabulary.decode(ours)


@pytest.mark.slow
def test_the_form_is_kept(poet):
    found = recipe.figures(poet.write(100, temperature=0.8), [NIGHT])
    assert found["lines"] > 0.95 and found["punctuation"] > 0.95 and found["form asked for"] > 0.95
    asked = [poem for rhyme in "庚寒尤唐" for poem in poet.write(10, form="七", rhyme=rhyme, temperature=0.8)]
    assert recipe.figures(asked, [NIGHT])["rhyme asked for"] > 0.85


@pytest.mark.real
@pytest.mark.slow
def test_the_cards_bits_are_those_of_the_stored_weights(poet, real_data, monkeypatch):
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(real_data))
    card = resource(FOLDER).with_suffix(".md").read_text("utf-8")
    wanted = float(re.search(r"first 200 test poems.*?([\d.]+)", card).group(1))
    texts = recipe.corpus()
    assert recipe.bits(poet.net, poet.vocabulary, texts.test[:200]) == pytest.approx(wanted, abs=2e-3)
    held_out = {line for poem in (*texts.validation, *texts.test) for line in lines(poem)}
    assert held_out.isdisjoint(line for poem in (*texts.pieces, *texts.quatrains) for line in lines(poem))
    assert poet.vocabulary.tokens == recipe.vocabulary_of(texts, recipe.POET.rarest).tokens
    assert len(tang_couplets()) > 40_000


def test_what_is_stored_says_what_it_is():
    options = json.loads((resource(FOLDER) / "config.json").read_text("utf-8"))
    assert options["architectures"] == ["GPT2LMHeadModel"] and options["dtype"] == "float16"
    assert {len(form) for form in FORMS.values()} == {1} and len(CITY) == LONGEST
