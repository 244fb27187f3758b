"""Our GPT and BERT in the format of Hugging Face `transformers`, and theirs in ours: the same weights, other names.

    save(net, folder, vocabulary)      then AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer, pipeline(...)
    load(folder)                       a GPT-2 or BERT that `save_pretrained` wrote, or a download of "gpt2"

A folder holds config.json (sizes and options), model.safetensors (weights, perhaps in several files listed in
model.safetensors.index.json) and tokenizer.json. Nothing in it is executed, and `transformers` itself is not needed.

Wolf et al. 2020, "Transformers: State-of-the-Art Natural Language Processing", https://arxiv.org/abs/1910.03771
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_of
from safetensors.torch import save_file
from torch import Tensor

from aigc_course.data.text.bpe import BPE
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, SPECIAL, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.files import inside, read_whole, write_sums, write_whole, writing
from aigc_course.models.text.bert import BERT, BERTConfig
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.models.text.sampling import silent

Net = TypeVar("Net", GPT, BERT)

# --- names ------------------------------------------------------------------------------------------------------------


class Name(NamedTuple):
    """One tensor of ours, and the tensors of theirs that it is stacked from."""

    ours: str
    theirs: tuple[str, ...]
    transposed: bool = False


def gpt2_names(layers: int) -> Iterator[Name]:
    """GPT-2 keeps the matrices of its blocks as (in, out), `nn.Linear` as (out, in)."""
    yield Name("tokens.weight", ("transformer.wte.weight",))
    yield Name("positions.weight", ("transformer.wpe.weight",))
    modules = {"norm1": "ln_1", "attention.qkv": "attn.c_attn", "attention.out": "attn.c_proj", "norm2": "ln_2",
               "mlp.up": "mlp.c_fc", "mlp.down": "mlp.c_proj"}
    for i in range(layers):
        for ours, theirs in modules.items():
            yield Name(f"blocks.{i}.{ours}.weight", (f"transformer.h.{i}.{theirs}.weight",), "norm" not in ours)
            yield Name(f"blocks.{i}.{ours}.bias", (f"transformer.h.{i}.{theirs}.bias",))
    yield Name("norm.weight", ("transformer.ln_f.weight",))
    yield Name("norm.bias", ("transformer.ln_f.bias",))


def bert_names(layers: int) -> Iterator[Name]:
    """BERT keeps the projections to queries, keys and values apart."""
    embeddings = {"tokens": "word_embeddings", "positions": "position_embeddings", "segments": "token_type_embeddings"}
    for ours, theirs in embeddings.items():
        yield Name(f"{ours}.weight", (f"bert.embeddings.{theirs}.weight",))
    modules = {"norm": ("bert.embeddings.LayerNorm",), "transform": ("cls.predictions.transform.dense",),
               "transform_norm": ("cls.predictions.transform.LayerNorm",)}
    for i in range(layers):
        layer = f"bert.encoder.layer.{i}"
        modules |= {
            f"blocks.{i}.attention.qkv": tuple(f"{layer}.attention.self.{x}" for x in ("query", "key", "value")),
            f"blocks.{i}.attention.out": (f"{layer}.attention.output.dense",),
            f"blocks.{i}.norm1": (f"{layer}.attention.output.LayerNorm",),
            f"blocks.{i}.mlp.up": (f"{layer}.intermediate.dense",),
            f"blocks.{i}.mlp.down": (f"{layer}.output.dense",),
            f"blocks.{i}.norm2": (f"{layer}.output.LayerNorm",),
        }
    for ours, theirs in modules.items():
        for part in ("weight", "bias"):
            yield Name(f"{ours}.{part}", tuple(f"{one}.{part}" for one in theirs))
    yield Name("bias", ("cls.predictions.bias",))


class Architecture(NamedTuple):
    """How one of our nets appears in a folder."""

    net: type[GPT] | type[BERT]
    config: type
    architecture: str
    names: Callable[[int], Iterator[Name]]
    options: Mapping[str, str]
    """Their option -> ours."""
    fixed: Mapping[str, Any]
    """Options that our net does not have: their only value that we can load."""
    prefix: str
    """Of all tensors but the head's; files of a bare model leave it out."""
    tied: tuple[str, str]
    """The output matrix, and the embedding that it must equal."""


GPT2 = Architecture(
    GPT, GPTConfig, "GPT2LMHeadModel", gpt2_names,
    {"vocab_size": "vocab", "n_positions": "context", "n_embd": "width", "n_layer": "layers", "n_head": "heads",
     "n_inner": "hidden", "resid_pdrop": "dropout", "embd_pdrop": "dropout", "attn_pdrop": "dropout",
     "activation_function": "activation", "layer_norm_epsilon": "eps"},
    {"scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False, "reorder_and_upcast_attn": False,
     "add_cross_attention": False, "tie_word_embeddings": True},
    "transformer.", ("lm_head.weight", "transformer.wte.weight"),
)
BERT_MLM = Architecture(
    BERT, BERTConfig, "BertForMaskedLM", bert_names,
    {"vocab_size": "vocab", "max_position_embeddings": "context", "hidden_size": "width",
     "num_hidden_layers": "layers", "num_attention_heads": "heads", "intermediate_size": "hidden",
     "type_vocab_size": "segments", "hidden_dropout_prob": "dropout", "attention_probs_dropout_prob": "dropout",
     "hidden_act": "activation", "layer_norm_eps": "eps"},
    {"is_decoder": False, "add_cross_attention": False, "position_embedding_type": "absolute",
     "tie_word_embeddings": True},
    "bert.", ("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),
)
ARCHITECTURES = {"gpt2": GPT2, "bert": BERT_MLM}

# --- in memory --------------------------------------------------------------------------------------------------------


def export(net: GPT | BERT) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """(what config.json holds, the weights under their names): `GPT2LMHeadModel(GPT2Config(**options))` takes both.

    Raises: CourseError for a net that GPT-2 cannot be, such as one with rotary positions.
    """
    kind = next(kind for kind, form in ARCHITECTURES.items() if isinstance(net, form.net))
    form, config = ARCHITECTURES[kind], net.config
    if (positions := getattr(config, "positions", "learned")) != "learned":
        raise CourseError(f"GPT-2 has learned positions and this net has positions={positions!r}: "
                          "only a net with positions='learned' can be saved in its format.")
    options = {"model_type": kind, "architectures": [form.architecture]}
    options |= {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
    options |= {theirs: getattr(config, ours) for theirs, ours in form.options.items()} | dict(form.fixed)
    if "intermediate_size" in options and config.hidden is None:
        options["intermediate_size"] = 4 * config.width
    ours, weights = net.state_dict(), {}
    for name in form.names(config.layers):
        tensor = ours[name.ours].detach().cpu()
        for theirs, part in zip(name.theirs, tensor.chunk(len(name.theirs)), strict=True):
            weights[theirs] = (part.T if name.transposed else part).contiguous()
    return options, weights


def adopt(options: Mapping[str, Any], weights: Mapping[str, Tensor], origin: str = "this model") -> GPT | BERT:
    """Our net, in evaluation mode and float32, with their options (`model.config.to_dict()`) and `state_dict()`.

    GPT-2 names three shares of dropout, BERT two; ours is the last of them. origin: what messages call the model.
    Raises: CourseError for another architecture, options that ours does not have, or weights that are missing or of
    another shape.
    """
    kind = options.get("model_type")
    if kind not in ARCHITECTURES:
        raise CourseError(f"{origin} is of the kind {kind!r}: this course can load {' and '.join(ARCHITECTURES)}; use "
                          "transformers' AutoModel for others.")
    form = ARCHITECTURES[kind]
    for option, wanted in form.fixed.items():
        if options.get(option, wanted) != wanted:
            raise CourseError(f"{origin} has {option}={options[option]!r}, and our {form.net.__name__} computes "
                              f"{wanted!r} only: use transformers' {form.architecture} for it.")
    chosen = {ours: options[theirs] for theirs, ours in form.options.items() if theirs in options}
    net = form.net(form.config(**chosen))
    state, expected = {}, net.state_dict()
    weights = {key.replace(".gamma", ".weight").replace(".beta", ".bias"): w for key, w in weights.items()}
    for name in form.names(net.config.layers):
        found = (weights.get(one, weights.get(one.removeprefix(form.prefix))) for one in name.theirs)
        parts = [part for part in found if part is not None]
        if len(parts) < len(name.theirs):
            raise CourseError(f"{origin} lacks the tensor {name.theirs[0]}: it is damaged, or no "
                              f"{form.architecture}; download or save it again.")
        tensor = torch.cat([part.float() for part in parts])
        tensor = tensor.T if name.transposed else tensor
        if tensor.shape != expected[name.ours].shape:
            raise CourseError(f"{origin}: {name.theirs[0]} has the shape {tuple(tensor.shape)}, and its config.json "
                              f"asks for {tuple(expected[name.ours].shape)}: the two belong to different models.")
        state[name.ours] = tensor
    head, embedding = (weights.get(name, weights.get(name.removeprefix(form.prefix))) for name in form.tied)
    if head is not None and embedding is not None and not torch.equal(head, embedding):
        raise CourseError(f"{origin} has an output layer apart from its embedding, which ours shares: "
                          f"use transformers' {form.architecture} for it.")
    net.load_state_dict(state)
    return net.eval()


# --- on disk ----------------------------------------------------------------------------------------------------------


def save(net: GPT | BERT, folder: str | Path, vocabulary: Vocabulary | BPE | None = None, *,
         half: bool = False, bos: int = BOS) -> None:
    """Write a folder that `from_pretrained` of transformers loads, and `load` here.

    vocabulary: of single characters, or a byte-level BPE; becomes a tokenizer that puts BOS before every text
        if that is how the net learnt. A BERT's knows "<mask>", too, as the number after the vocabulary's last.
    half: weights as float16.
    bos: what a text of nothing begins with. EOS for a net of texts read on and on, one after another: it has never seen
        BOS, so its tokenizer puts nothing before a text, which may begin anywhere.
    The digest of the weights is written last, to SHA256SUMS, against which `load` holds them.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    options, weights = export(net)
    if vocabulary is not None:
        tokens = len(vocabulary) + isinstance(net, BERT)
        if tokens > net.config.vocab:
            raise CourseError(f"The vocabulary needs {tokens} tokens and the net has {net.config.vocab}: save it with "
                              "the vocabulary that it was trained with.")
        ids = {"bos_token_id": bos, "eos_token_id": EOS, "pad_token_id": PAD}
        options |= ids
        special = [*SPECIAL, *(["<mask>"] if isinstance(net, BERT) else [])]
        with writing(folder / "tokenizer.json") as path:
            tokenizer(vocabulary, special, bos == BOS).save(str(path))
        write_json(folder / "tokenizer_config.json", {
            "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": net.config.context,
            "padding_side": "left" if isinstance(net, GPT) else "right", "clean_up_tokenization_spaces": False,
            **{f"{name.strip('<>')}_token": name for name in special}, "bos_token": SPECIAL[bos],
        })
        if isinstance(net, GPT):
            never = [*silent(len(vocabulary), net.config.vocab)]
            write_json(folder / "generation_config.json", {**ids, "suppress_tokens": never})
    if half:
        weights = {name: tensor.half() for name, tensor in weights.items()}
    options["dtype"] = "float16" if half else "float32"
    write_json(folder / "config.json", options)
    with writing(folder / "model.safetensors") as path:
        save_file(weights, path, metadata={"format": "pt"})
    write_sums(folder, ["model.safetensors"])


def load(folder: str | Path) -> GPT | BERT:
    """Our net with the weights of a folder of transformers, in evaluation mode and float32.

    Raises: CourseError, naming folder and fault, when there is no model, an unknown one, or a damaged one.
    """
    folder = Path(folder)
    return adopt(read_json(folder / "config.json"), read_weights(folder), str(folder))


def load_as(kind: type[Net], folder: str | Path) -> Net:
    """`load` where it has to be GPT, or BERT. Raises: CourseError for the other one, too."""
    net = load(folder)
    if not isinstance(net, kind):
        raise CourseError(f"{folder} holds a {type(net).__name__} and should hold a {kind.__name__}: restore it, or "
                          "name another folder.")
    return net


def load_vocabulary(folder: str | Path) -> Vocabulary:
    """The characters of a folder that `save` wrote. Raises: CourseError for tokenizers of other kinds."""
    model = read_json(Path(folder) / "tokenizer.json").get("model", {})
    if model.get("type") != "WordLevel":
        raise CourseError(f"{folder} holds a tokenizer of the kind {model.get('type')!r}, not one of characters: "
                          "use transformers' AutoTokenizer for it.")
    return Vocabulary(sorted(model["vocab"], key=model["vocab"].get))


def tokenizer(vocabulary: Vocabulary | BPE, special: Sequence[str] = SPECIAL, begins: bool = True):
    """A `tokenizers.Tokenizer` that encodes a text as BOS and `vocabulary.encode(text)`.

    special: the names that are tokens wherever they stand in a text; new ones get the numbers after the last.
    begins: False leaves BOS out.

    Raises: CourseError for a vocabulary of words, whose borders a tokenizer would have to guess.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

    if isinstance(vocabulary, BPE):
        made = vocabulary.library()
    else:
        long = [token for token in vocabulary.tokens if len(token) != 1 and token not in SPECIAL]
        if long:
            raise CourseError(f"The vocabulary holds {long[0]!r}, which is no single character: only vocabularies of "
                              "characters can be saved as a tokenizer.")
        made = Tokenizer(models.WordLevel({t: i for i, t in enumerate(vocabulary.tokens)}, unk_token=SPECIAL[UNK]))
        made.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        made.decoder = decoders.Fuse()
    made.add_special_tokens(list(special))
    if begins:
        bos = SPECIAL[BOS]
        made.post_processor = processors.TemplateProcessing(f"{bos} $A", f"{bos} $A $B", [(bos, BOS)])
    return made


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of model.safetensors, or of the files that its index lists.

    Raises: CourseError for a file that is missing, damaged, outside the folder, or another one than SHA256SUMS lists.
    """
    index = folder / "model.safetensors.index.json"
    files = sorted(set(read_json(index)["weight_map"].values())) if index.is_file() else ["model.safetensors"]
    weights = {}
    for file in files:
        try:
            weights |= tensors_of(read_whole(inside(folder, file)))
        except FileNotFoundError as error:
            raise CourseError(f"{folder} lacks {file}: download the model again, or save it with save_pretrained, "
                              "which writes safetensors.") from error
        except (OSError, SafetensorError) as error:
            raise CourseError(f"{folder / file} is damaged: download or save the model again.") from error
    return weights


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_whole(path).decode())
    except OSError as error:
        raise CourseError(f"{path.parent} holds no {path.name}: give the folder that save_pretrained wrote, or "
                          "download the model first.") from error
    except ValueError as error:
        raise CourseError(f"{path} is damaged: download or save the model again.") from error
    return found


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(value, indent=2))
