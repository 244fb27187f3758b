"""Published models: found where they lie, named in one sentence where not; and GPT-2 itself, where a network is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig, generate
from aigc_course.models.text.pretrained import DATA, fetch
from aigc_course.projects import continue_text
from aigc_course.projects.continue_text import continue_texts, open_folder

POEM = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A folder with an untrained GPT that is sure enough of itself to write different tokens."""
    torch.manual_seed(0)
    vocabulary = Vocabulary.of([POEM])
    net = GPT(GPTConfig(len(vocabulary), context=32, width=16, layers=2, heads=4))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    folder = tmp_path_factory.mktemp("models") / "small"
    hub.save(net, folder, vocabulary)
    return folder


# --- finding ----------------------------------------------------------------------------------------------------------


def cached(folder: Path, name: str, cache: Path) -> Path:
    """Put the files of a folder where a download of `name` leaves them."""
    base = cache / f"models--{name.replace('/', '--')}"
    snapshot = base / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (base / "refs").mkdir()
    (base / "refs" / "main").write_text("0" * 40, "utf-8")
    for path in folder.iterdir():
        (snapshot / path.name).write_bytes(path.read_bytes())
    return snapshot


def test_a_model_is_found_in_the_mirror_and_in_the_cache(small, tmp_path, monkeypatch):
    cached(small, "someone/small", tmp_path / "cache")
    assert hub.load(fetch("someone/small", tmp_path / "cache", offline=True)).config.width == 16
    mirror = tmp_path / "mirror"
    (mirror / "models" / "someone").mkdir(parents=True)
    small_copy = mirror / "models" / "someone" / "small"
    small_copy.symlink_to(small)
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(mirror))
    assert fetch("someone/small", tmp_path / "empty", offline=True) == small_copy
    with pytest.raises(CourseError, match="'someone/other' is not on this computer"):
        fetch("someone/other", tmp_path / "empty", offline=True)


@pytest.mark.parametrize(("name", "raised", "sentence"), [
    ("gpt2", None, r"'gpt2' is not on this computer and the network is switched off .*hf download gpt2"),
    ("a/b/c", None, r"'a/b/c' is no name of a model"),
    ("gpt2", "LocalEntryNotFoundError", r"huggingface.co does not answer: run `hf download gpt2`"),
    ("gpt2", "RepositoryNotFoundError", r"no model 'gpt2' that is open to you"),
    ("gpt2", "ConnectionResetError", r"could not be downloaded \(ConnectionResetError\): try again"),
])
def test_what_cannot_be_had_is_said_in_one_sentence(name, raised, sentence, tmp_path, monkeypatch):
    import builtins

    import huggingface_hub

    monkeypatch.delenv("AIGC_DATA_MIRROR", raising=False)
    if raised:
        kind = getattr(huggingface_hub.errors, raised, None) or getattr(builtins, raised)
        error = kind.__new__(kind)                             # some of them want a whole answer of the server

        def refuse(*args, **settings):
            raise error

        monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(CourseError, match=sentence) as caught:
        fetch(name, tmp_path, offline=not raised)
    assert "\n" not in str(caught.value)


def test_only_data_is_asked_for(monkeypatch, tmp_path):
    import huggingface_hub

    asked = {}
    monkeypatch.delenv("AIGC_DATA_MIRROR", raising=False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **kw: asked.update(kw) or str(tmp_path))
    fetch("gpt2")
    assert asked["allow_patterns"] == DATA
    assert not [pattern for pattern in DATA if pattern.endswith((".bin", ".pt", ".pkl", ".py", "*"))]


# --- continuing -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_continuations_are_those_of_our_generate_whatever_the_batch(small):
    model, tokenizer = open_folder(small)
    net, vocabulary = hub.load(small), hub.load_vocabulary(small)
    prompts = ["床前明月光", "举"]
    ours = generate(net, [vocabulary.encode(prompt) for prompt in prompts], 10, temperature=0)
    answers = continue_texts(model, tokenizer, prompts, 10, temperature=0)
    for prompt, (answer,), wanted in zip(prompts, answers, ours, strict=True):
        assert answer == vocabulary.decode(wanted[len(prompt):]).replace("□", "")
        assert continue_texts(model, tokenizer, [prompt], 10, temperature=0) == [[answer]]


@pytest.mark.slow
def test_samples_are_grouped_by_prompt_and_leave_the_runs_random_numbers_alone(small):
    model, tokenizer = open_folder(small)
    before = torch.get_rng_state()
    answers = continue_texts(model, tokenizer, ["床前", "举头望"], 12, n=3, seed=5)
    assert torch.equal(torch.get_rng_state(), before)
    assert [len(row) for row in answers] == [3, 3] and len({text for row in answers for text in row}) == 6
    assert answers == continue_texts(model, tokenizer, ["床前", "举头望"], 12, n=3, seed=5)
    assert answers != continue_texts(model, tokenizer, ["床前", "举头望"], 12, n=3, seed=6)


@pytest.mark.slow
def test_every_token_can_be_drawn_unless_top_k_says_otherwise(tmp_path):
    """An untrained net's tokens are all about as likely; transformers, unasked, would draw from 50 of them."""
    torch.manual_seed(0)
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))
    hub.save(GPT(GPTConfig(404, context=8, width=8, layers=1, heads=1)), tmp_path, Vocabulary.of([text]))
    model, tokenizer = open_folder(tmp_path)
    drawn, kept = (set(continue_texts(model, tokenizer, ["一"], 1, n=1000, top_k=top_k)[0]) for top_k in (0, 50))
    assert len(drawn) > 300 and len(kept) == 50


@pytest.mark.slow
@pytest.mark.parametrize(("prompts", "settings", "sentence"), [
    (["床前"], {"new": 30}, "3 tokens and 30 new ones do not fit the model's context of 32"),
    (["床前"], {"new": 5, "n": 2, "temperature": 0}, "Greedy decoding has one answer and 2 were asked for"),
])
def test_what_cannot_be_continued_is_refused(small, prompts, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        continue_texts(*open_folder(small), prompts, **settings)


@pytest.mark.slow
def test_a_tokenizer_without_padding_and_bos_is_gpt2s(tmp_path):
    """GPT-2's own has neither: batches must be padded with its end, on the left, and an empty prompt is refused."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    made = ByteLevelBPETokenizer()
    made.train_from_iterator([POEM], vocab_size=300, special_tokens=["<|endoftext|>"])
    made.save_model(str(tmp_path))
    GPT2Tokenizer.from_pretrained(tmp_path).save_pretrained(tmp_path)
    GPT2LMHeadModel(GPT2Config(vocab_size=300, n_positions=64, n_embd=16, n_layer=2, n_head=2, bos_token_id=0,
                               eos_token_id=0)).save_pretrained(tmp_path)
    model, tokenizer = open_folder(tmp_path)
    assert tokenizer.padding_side == "left" and tokenizer.pad_token_id == tokenizer.eos_token_id == 0
    together = continue_texts(model, tokenizer, ["星空之下，", "The"], 8, temperature=0)
    assert together[1] == continue_texts(model, tokenizer, ["The"], 8, temperature=0)[0]
    with pytest.raises(CourseError, match="at least one character"):
        continue_texts(model, tokenizer, ["The", ""], 8)


@pytest.mark.slow
def test_the_program_prints_continuations_or_one_sentence(small, tmp_path, monkeypatch):
    import typer
    from typer.testing import CliRunner

    program = typer.Typer()
    program.command()(continue_text.main)
    done = CliRunner().invoke(program, ["床前", "--model", str(small), "--n", "2", "--new", "6"])
    assert done.exit_code == 0 and done.output.count("床前") == 2
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    failed = CliRunner().invoke(program, ["床前", "--model", "nobody/nothing"])
    assert failed.exit_code == 1 and "'nobody/nothing' is not on this computer" in failed.output


# --- GPT-2 itself -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gpt2() -> Path:
    if not os.environ.get("AIGC_NETWORK"):
        pytest.skip("needs the Hugging Face Hub: set AIGC_NETWORK=1 where there is a network (0.5 GB)")
    return fetch("gpt2")


@pytest.mark.network
@pytest.mark.slow
def test_the_published_gpt2_in_our_class(gpt2):
    model, tokenizer = open_folder(gpt2)
    net = hub.load(gpt2)
    assert sum(parameter.numel() for parameter in net.parameters()) == 124_439_808
    prompts = ["The quick brown fox jumps over the lazy dog", "星空之下，"]
    ids = [tokenizer(prompt).input_ids for prompt in prompts]
    assert [len(row) for row in ids] == [9, 11]                    # the ideographs fall into pieces of bytes
    tokens = torch.tensor(ids[:1])
    with torch.no_grad():
        torch.testing.assert_close(net(tokens), model(tokens).logits, atol=1e-3, rtol=1e-5)
    answers = generate(net, ids, 20, temperature=0, bos=None, eos=tokenizer.eos_token_id, banned=())
    texts = continue_texts(model, tokenizer, prompts, 20, temperature=0)
    assert [tokenizer.decode(row[len(given):]) for row, given in zip(answers, ids, strict=True)] == [
        text for (text,) in texts]


@pytest.mark.network
@pytest.mark.slow
def test_the_documents_two_samples_corrected_run_on_gpt2(gpt2):
    """Five continuations of the English prompt, none a rewriting of it; and what it makes of the Chinese one."""
    model, tokenizer = open_folder(gpt2)
    (fox,) = continue_texts(model, tokenizer, ["The quick brown fox jumps over the lazy dog"], 41, n=5, temperature=0.9)
    assert len(set(fox)) == 5 and not [text for text in fox if text.startswith("The quick brown fox")]
    greedy = [continue_texts(model, tokenizer, ["星空之下，"], 89, temperature=0) for _ in range(2)]
    assert greedy[0] == greedy[1]
