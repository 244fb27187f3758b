"""Our GPT is GPT2LMHeadModel and our BERT is BertForMaskedLM: same weights, logits, gradients, tokens, both ways."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from aigc_course.data.text.bpe import BPE, train_bpe
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.attention import use_attention
from aigc_course.models.text import hub
from aigc_course.models.text.bert import BERT, BERTConfig
from aigc_course.models.text.gpt import GPT, GPTConfig, generate
from aigc_course.models.text.sampling import sampling_distribution

POEM = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
GPT_CONFIG = GPTConfig(vocab=30, context=32, width=16, layers=3, heads=4, dropout=0.0)
BERT_CONFIG = BERTConfig(vocab=30, context=32, width=16, layers=2, heads=4, dropout=0.0)
PROMPTS = [[5, 6, 7, 8, 9], [10], [11, 12]]


def disturbed(net: nn.Module) -> nn.Module:
    """Every parameter moved off its initial value, so that a forgotten gain or bias shows."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return net.eval()


def theirs(net: GPT | BERT):
    """The model of transformers with the weights of ours."""
    import transformers

    options, weights = hub.export(net)
    kind = "GPT2" if isinstance(net, GPT) else "Bert"
    config = getattr(transformers, f"{kind}Config")(**options)
    model = getattr(transformers, options["architectures"][0])._from_config(config, attn_implementation="eager")
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and not [name for name in missing if "lm_head" not in name and "decoder" not in name]
    return model.eval()


def text(*shape: int) -> Tensor:
    return torch.randint(4, 30, shape, generator=torch.Generator().manual_seed(1))


def test_the_course_starts_without_transformers():
    """It takes seconds to import: only functions may, when they are called."""
    package = Path(hub.__file__).parents[2]
    for path in package.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "transformers"], path


# --- in memory --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", [GPT(GPT_CONFIG), BERT(BERT_CONFIG)], ids=["gpt", "bert"])
def test_export_and_adopt_are_inverse(net):
    disturbed(net)
    back = hub.adopt(*hub.export(net))
    assert type(back) is type(net) and not back.training
    assert back.state_dict().keys() == net.state_dict().keys()
    assert all(torch.equal(tensor, net.state_dict()[name]) for name, tensor in back.state_dict().items())


@pytest.mark.slow
@pytest.mark.parametrize("how", ["plain", "fused"])
def test_gpt_equals_gpt2_in_logits_and_gradient(how):
    ours = disturbed(GPT(GPT_CONFIG))
    use_attention(ours, how)
    model, tokens = theirs(ours), text(3, 20)
    torch.testing.assert_close(ours(tokens), model(tokens).logits, atol=1e-5, rtol=1e-5)
    nn.functional.cross_entropy(ours(tokens)[:, :-1].flatten(0, 1), tokens[:, 1:].flatten()).backward()
    model(tokens, labels=tokens).loss.backward()
    grads = {name: parameter.grad for name, parameter in model.named_parameters()}
    mine = dict(ours.named_parameters())
    for name in hub.gpt2_names(3):
        wanted = grads[name.theirs[0]].T if name.transposed else grads[name.theirs[0]]
        torch.testing.assert_close(mine[name.ours].grad, wanted, atol=1e-5, rtol=1e-4, msg=name.ours)


@pytest.mark.slow
def test_gpt2_in_our_class_equals_gpt2_with_padding_on_the_left():
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(1)
    model = disturbed(GPT2LMHeadModel(GPT2Config(vocab_size=30, n_positions=32, n_embd=16, n_layer=2, n_head=2,
                                                 n_inner=20, bos_token_id=None, eos_token_id=None)))
    ours = hub.adopt(model.config.to_dict(), model.state_dict())
    tokens = pad(PROMPTS, left=True)
    real = tokens != PAD
    places = (real.long().cumsum(1) - 1).clamp(min=0)
    wanted = model(tokens, attention_mask=real.long(), position_ids=places).logits
    torch.testing.assert_close(ours(tokens, real)[real], wanted[real], atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"temperature": 0}, {"temperature": 0.7}, {"top_k": 6}, {"top_p": 0.8},
                                      {"temperature": 1.3, "top_k": 9, "top_p": 0.9}], ids=str)
def test_generated_tokens_are_those_of_transformers(settings):
    """A batch of unequal prompts, filled up on the left; sampled with the same random numbers."""
    ours = disturbed(GPT(GPT_CONFIG))
    with torch.no_grad():                                  # or the likeliest token would be the same everywhere
        ours.norm.bias.zero_()
        ours.positions.weight.mul_(4)
    model, tokens = theirs(ours), pad(PROMPTS, left=True)
    greedy = settings.get("temperature") == 0
    options = {} if greedy else {"temperature": 1.0, "top_k": 0, "top_p": 1.0} | settings
    torch.manual_seed(7)
    wanted = model.generate(tokens, attention_mask=(tokens != PAD).long(), max_new_tokens=20, do_sample=not greedy,
                            pad_token_id=PAD, suppress_tokens=[PAD, BOS, UNK], eos_token_id=EOS, **options)
    torch.manual_seed(7)
    answers = generate(ours, PROMPTS, 20, **settings, bos=None)
    rows = [row[row.index(prompt[0]):] if PAD in row[:5] else row
            for row, prompt in zip(wanted.tolist(), PROMPTS, strict=True)]
    rows = [row[:row.index(EOS)] if EOS in row else row for row in rows]
    assert answers == rows and len({tuple(row[-4:]) for row in rows}) == 3


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 1.0), (5, 1.0), (0, 0.7), (8, 0.6), (1, 1.0), (0, 0.01)])
def test_sampling_rules_equal_the_logits_processors(temperature, top_k, top_p):
    from transformers import (
        LogitsProcessorList,
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
    )

    logits = torch.randn(200, 50, generator=torch.Generator().manual_seed(0)) * 3
    rules = LogitsProcessorList([TemperatureLogitsWarper(temperature)])
    rules += [TopKLogitsWarper(top_k)] if top_k else []
    rules += [TopPLogitsWarper(top_p)] if top_p < 1 else []
    torch.testing.assert_close(sampling_distribution(logits, temperature, top_k, top_p),
                               rules(torch.zeros(200, 1), logits.clone()).softmax(-1))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["plain", "fused"])
def test_bert_equals_bert_in_logits_and_gradient_with_padding_and_segments(how):
    ours = disturbed(BERT(BERT_CONFIG))
    use_attention(ours, how)
    model, tokens = theirs(ours), pad([[5, 6, 7, 8, 9, 10], [11, 12, 13]])
    segments, real = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 0, 0]]), tokens != PAD
    wanted = model(tokens, attention_mask=real.long(), token_type_ids=segments).logits
    torch.testing.assert_close(ours(tokens, segments)[real], wanted[real], atol=1e-5, rtol=1e-5)
    ours(tokens, segments)[real].square().sum().backward()
    wanted[real].square().sum().backward()
    grads = {name: parameter.grad for name, parameter in model.named_parameters()}
    for name in hub.bert_names(2):
        wanted_grad = torch.cat([grads[one] for one in name.theirs])
        torch.testing.assert_close(ours.get_parameter(name.ours).grad, wanted_grad, atol=1e-4, rtol=1e-4, msg=name.ours)


# --- on disk ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def poet(tmp_path_factory):
    """A folder with a GPT and its characters, as a trained one would be saved."""
    vocabulary = Vocabulary.of([POEM])
    net = disturbed(GPT(GPTConfig(len(vocabulary), context=32, width=16, layers=2, heads=4)))
    folder = tmp_path_factory.mktemp("poet")
    hub.save(net, folder, vocabulary)
    return folder, net, vocabulary


def test_a_saved_folder_loads_here(poet):
    folder, net, vocabulary = poet
    back = hub.load(folder)
    assert all(torch.equal(tensor, net.state_dict()[name]) for name, tensor in back.state_dict().items())
    assert back.config.context == 32 and hub.load_vocabulary(folder).tokens == vocabulary.tokens
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_folder_of_the_other_kind_is_refused_where_one_is_wanted(poet):
    folder, net, _ = poet
    assert hub.load_as(GPT, folder).config == net.config
    with pytest.raises(CourseError, match=f"{re.escape(str(folder))} holds a GPT and should hold a BERT: restore it"):
        hub.load_as(BERT, folder)


def test_half_precision_halves_the_file(poet, tmp_path):
    folder, net, vocabulary = poet
    hub.save(net, tmp_path, vocabulary, half=True)
    sizes = [(path / "model.safetensors").stat().st_size for path in (folder, tmp_path)]
    assert 0.45 < sizes[1] / sizes[0] < 0.65
    back = hub.load(tmp_path)
    assert back.tokens.weight.dtype == torch.float32
    torch.testing.assert_close(back.tokens.weight, net.tokens.weight, atol=1e-3, rtol=1e-3)


def test_the_saved_tokenizer_reads_as_the_vocabulary_does(poet):
    from tokenizers import Tokenizer

    folder, _, vocabulary = poet
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for line in (POEM, "", " 明月 ", "月x光", "\n"):
        assert tokenizer.encode(line).ids == [BOS, *vocabulary.encode(line)]
    assert UNK in tokenizer.encode("月x光").ids
    assert tokenizer.decode([BOS, *vocabulary.encode(POEM), EOS, PAD]) == POEM


@pytest.mark.slow
def test_transformers_loads_what_we_save(poet):
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    folder, net, vocabulary = poet
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    tokens = torch.tensor([[BOS, *vocabulary.encode("举头望明月")]])
    assert torch.equal(tokenizer("举头望明月", return_tensors="pt").input_ids, tokens)
    torch.testing.assert_close(model(tokens).logits, net(tokens), atol=1e-5, rtol=1e-5)
    batch = tokenizer(["床前", "举头望明月"], return_tensors="pt", padding=True)
    written = model.generate(**batch, max_new_tokens=12, do_sample=False)
    answers = generate(net, [vocabulary.encode(prompt) for prompt in ("床前", "举头望明月")], 12, temperature=0)
    assert [tokenizer.decode(row, skip_special_tokens=True) for row in written] == [
        vocabulary.decode(answer).replace("□", "") for answer in answers]
    write = pipeline("text-generation", model=str(folder), tokenizer=str(folder))
    (answer,) = write("床前", max_new_tokens=12, do_sample=False)
    assert answer["generated_text"] == vocabulary.decode(answers[0]).replace("□", "")


def test_a_net_that_never_saw_bos_gets_none(tmp_path):
    """Of texts read on and on: the first token of an encoded text is the text's, and nothing begins with EOS."""
    encoding = BPE(train_bpe([POEM], 20))
    net = GPT(GPTConfig(len(encoding) + 3, context=32, width=16, layers=1, heads=2))
    hub.save(net, tmp_path, encoding, bos=EOS)
    saved = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert saved.encode(POEM).ids == encoding.encode(POEM) and saved.decode(saved.encode(POEM).ids) == POEM
    for name in ("config.json", "generation_config.json"):
        found = hub.read_json(tmp_path / name)
        assert (found["bos_token_id"], found["eos_token_id"]) == (EOS, EOS)
    assert found["suppress_tokens"] == [PAD, BOS, UNK, *range(len(encoding), len(encoding) + 3)]
    assert hub.read_json(tmp_path / "tokenizer_config.json")["bos_token"] == "<eos>"
    hub.save(net, tmp_path, encoding)
    assert Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode(POEM).ids[0] == BOS


@pytest.mark.slow
def test_transformers_loads_our_bert_and_our_bpe(poet, tmp_path):
    from transformers import AutoModelForMaskedLM, AutoTokenizer, pipeline

    encoding = BPE(train_bpe([POEM], 20))
    net = disturbed(BERT(BERTConfig(len(encoding) + 1, context=32, width=16, layers=2, heads=4)))
    hub.save(net, tmp_path, encoding)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer(POEM).input_ids == [BOS, *encoding.encode(POEM)]
    assert tokenizer.decode(encoding.encode(POEM)) == POEM
    tokens = torch.tensor([encoding.encode(POEM)[:30]])
    torch.testing.assert_close(AutoModelForMaskedLM.from_pretrained(tmp_path)(tokens).logits, net(tokens),
                               atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(hub.load(tmp_path)(tokens), net(tokens))
    assert tokenizer("<mask>").input_ids == [BOS, len(encoding)]
    best, *_ = pipeline("fill-mask", model=str(tmp_path), tokenizer=str(tmp_path))("床前<mask>")
    asked = torch.tensor([[BOS, *encoding.encode("床前"), len(encoding)]])
    assert best["token"] == net(asked)[0, -1].argmax()


@pytest.mark.slow
@pytest.mark.parametrize("shard", ["5GB", "8KB"], ids=["one file", "sharded"])
@pytest.mark.parametrize("bare", [False, True], ids=["with head", "bare"])
def test_a_folder_of_transformers_loads_here(tmp_path, shard, bare):
    """As saved by save_pretrained; bare is GPT2Model, whose names lack a prefix, as in the published `gpt2`."""
    from transformers import GPT2Config, GPT2LMHeadModel

    model = disturbed(GPT2LMHeadModel(GPT2Config(vocab_size=30, n_positions=32, n_embd=16, n_layer=2, n_head=2,
                                                 bos_token_id=None, eos_token_id=None)))
    (model.transformer if bare else model).save_pretrained(tmp_path, max_shard_size=shard)
    assert (len(list(tmp_path.glob("*.safetensors"))) > 1) == (shard == "8KB")
    tokens = text(2, 9)
    torch.testing.assert_close(hub.load(tmp_path)(tokens), model(tokens).logits, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("shard", ["5GB", "8KB"], ids=["one file", "sharded"])
def test_a_bert_of_transformers_loads_here(tmp_path, shard):
    from transformers import BertConfig, BertForMaskedLM

    model = disturbed(BertForMaskedLM(BertConfig(vocab_size=30, max_position_embeddings=32, hidden_size=16,
                                                 num_hidden_layers=2, num_attention_heads=2, intermediate_size=20)))
    model.save_pretrained(tmp_path, max_shard_size=shard)
    assert (len(list(tmp_path.glob("*.safetensors"))) > 1) == (shard == "8KB")
    tokens = text(2, 9)
    torch.testing.assert_close(hub.load(tmp_path)(tokens), model(tokens).logits, atol=1e-5, rtol=1e-5)


# --- what is refused --------------------------------------------------------------------------------------------------


def edit(folder, **changes) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


@pytest.mark.parametrize(("spoil", "sentence"), [
    (lambda folder: shutil.rmtree(folder), "holds no config.json"),
    (lambda folder: (folder / "config.json").write_text("{", "utf-8"), "config.json is damaged"),
    (lambda folder: edit(folder, model_type="llama"), "'llama': this course can load gpt2 and bert"),
    (lambda folder: edit(folder, n_embd=20), "belong to different models"),
    (lambda folder: edit(folder, n_layer=3), "lacks the tensor transformer.h.2"),
    (lambda folder: edit(folder, scale_attn_by_inverse_layer_idx=True), "scale_attn_by_inverse_layer_idx=True"),
    (lambda folder: edit(folder, activation_function="swish"), "choose one of relu"),
    (lambda folder: (folder / "model.safetensors").unlink(), "lacks model.safetensors"),
    (lambda folder: (folder / "model.safetensors").write_bytes(b"\0" * 100), "model.safetensors is damaged"),
    (lambda folder: (folder / "model.safetensors").write_bytes(
        (folder / "model.safetensors").read_bytes()[:-50]), "model.safetensors is damaged"),
], ids=range(10))
def test_foreign_and_damaged_folders_are_named(poet, tmp_path, spoil, sentence):
    folder = tmp_path / "model"
    shutil.copytree(poet[0], folder)
    spoil(folder)
    with pytest.raises(CourseError, match=sentence) as caught:
        hub.load(folder)
    assert str(caught.value).count("\n") == 0


def test_what_cannot_be_saved_is_refused(poet, tmp_path):
    folder, net, vocabulary = poet
    with pytest.raises(CourseError, match="positions='rotary'"):
        hub.export(GPT(GPTConfig(30, 32, 16, 1, 4, positions="rotary")))
    with pytest.raises(CourseError, match="no single character"):
        hub.save(net, tmp_path, Vocabulary.of([["明", "月光"]]))
    with pytest.raises(CourseError, match="trained with"):
        hub.save(net, tmp_path, Vocabulary.of([POEM, "百千万亿兆"]))
    options, weights = hub.export(net)
    with pytest.raises(CourseError, match="output layer apart"):
        hub.adopt(options, weights | {"lm_head.weight": torch.zeros_like(net.tokens.weight)})
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "BPE"}}', "utf-8")
    with pytest.raises(CourseError, match="'BPE', not one of characters"):
        hub.load_vocabulary(tmp_path)
