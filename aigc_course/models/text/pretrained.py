"""Published models by name: from the mirror, from this computer's cache, or from the Hugging Face Hub.

    folder = fetch("gpt2")
    net = hub.load(folder)                                     in our class
    model = AutoModelForCausalLM.from_pretrained(folder)       in theirs

Only data is fetched, never a pickle or a program: reading it executes nothing.
"""

from __future__ import annotations

from pathlib import Path

from aigc_course.data.download import MIRROR, mirror
from aigc_course.errors import CourseError

DATA = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt",
        "merges.txt", "model.safetensors", "model.safetensors.index.json", "model-*.safetensors"]
"""What a folder needs to be loaded here and by transformers."""


def fetch(name: str, cache: str | Path | None = None, offline: bool | None = None) -> Path:
    """The folder of a published model, which is downloaded unless `models/NAME` in the mirror or the cache has it.

    name: as on the Hub, "gpt2" or "bert-base-chinese". cache: where downloads are kept; None is the library's folder.
    offline: ask the cache alone; None asks the Hub unless the environment variable HF_HUB_OFFLINE is set.
    Raises: CourseError, in one sentence, where the model cannot be had: no network, no such model, no permission.
    """
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    at_hand = mirror()
    if at_hand is not None and (at_hand / "models" / name).is_dir():
        return at_hand / "models" / name
    if offline is None:
        offline = constants.HF_HUB_OFFLINE
    elsewhere = (f"run `hf download {name}` where there is a network, or put its files into models/{name} of the "
                 f"folder that {MIRROR} names.")
    try:
        return Path(snapshot_download(name, allow_patterns=DATA, cache_dir=cache, local_files_only=offline))
    except HFValidationError as error:
        raise CourseError(f"{name!r} is no name of a model: one looks like 'gpt2' or 'owner/model'.") from error
    except LocalEntryNotFoundError as error:
        why = "the network is switched off (offline)" if offline else "huggingface.co does not answer"
        raise CourseError(f"The model {name!r} is not on this computer and {why}: {elsewhere}") from error
    except RepositoryNotFoundError as error:
        raise CourseError(f"The Hub has no model {name!r} that is open to you: check its name, and for a closed one "
                          "run `hf auth login` first.") from error
    except OSError as error:                                   # a connection that breaks, a disk that is full
        raise CourseError(f"The model {name!r} could not be downloaded ({type(error).__name__}): try again, or "
                          f"{elsewhere}") from error
