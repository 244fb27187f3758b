"""Continue texts with a model in the format of Hugging Face transformers: a folder, or a name on the Hub.

    python -m aigc_course.projects.continue_text "床前明月光，"                       the course's own poet
    python -m aigc_course.projects.continue_text "The quick brown fox" --model gpt2 --n 5 --temperature 0.9

The first works offline. The second downloads half a gigabyte the first time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer

from aigc_course.compute import aside
from aigc_course.errors import CourseError
from aigc_course.models.text.pretrained import fetch
from aigc_course.projects.poet.model import FOLDER
from aigc_course.resources import resource


def open_folder(folder: str | Path):
    """(model, tokenizer) of transformers: float32, evaluation mode; padding on the left, with a token to pad with."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    if tokenizer.pad_token_id is None:                       # GPT-2 has none; the mask hides what stands there
        tokenizer.pad_token = tokenizer.eos_token
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval(), tokenizer


def continue_texts(model, tokenizer, prompts: Sequence[str], new: int, n: int = 1, seed: int = 0,
                   temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> list[list[str]]:
    """n continuations of each prompt, without the prompt, all in one batch; temperature 0 is greedy.

    new: most tokens of a continuation, the prompt not counted. top_k: 0 switches it off, which transformers would not
    do unasked: it samples from the 50 likeliest. seed: of random numbers of their own.
    Raises: CourseError for a prompt without tokens, more tokens than the model's context, n > 1 greedy answers.
    """
    batch = tokenizer(list(prompts), return_tensors="pt", padding=True)
    width = batch.input_ids.shape[1]
    if not batch.attention_mask.any(dim=1).all():
        raise CourseError("A prompt has no token to begin with: give every prompt at least one character.")
    if width + new > model.config.max_position_embeddings:
        raise CourseError(f"A prompt of {width} tokens and {new} new ones do not fit the model's context of "
                          f"{model.config.max_position_embeddings}: shorten the prompt, or ask for fewer.")
    if n > 1 and temperature == 0:
        raise CourseError(f"Greedy decoding has one answer and {n} were asked for: give a temperature above 0.")
    settings = {"do_sample": False}
    if temperature:
        settings = {"do_sample": True, "temperature": temperature, "top_k": top_k, "top_p": top_p}
    with aside(seed):
        tokens = model.generate(**batch, max_new_tokens=new, num_return_sequences=n,
                                pad_token_id=tokenizer.pad_token_id, **settings)
    texts = tokenizer.batch_decode(tokens[:, width:], skip_special_tokens=True)
    return [texts[first:first + n] for first in range(0, len(texts), n)]


def main(
    prompt: str,
    model: Annotated[str, typer.Option(help="A folder, or a name on the Hub; the course's poet if not given.")] = "",
    n: int = 1,
    new: Annotated[int, typer.Option(help="Most new tokens.")] = 40,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 0,
) -> None:
    """Continue PROMPT with a causal language model."""
    try:
        folder = resource(FOLDER) if not model else Path(model) if Path(model).is_dir() else fetch(model)
        answers = continue_texts(*open_folder(folder), [prompt], new, n, seed, temperature, top_k, top_p)
    except CourseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for number, answer in enumerate(answers[0], 1):
        print(f"{number}. {prompt}{answer}")


if __name__ == "__main__":
    typer.run(main)
