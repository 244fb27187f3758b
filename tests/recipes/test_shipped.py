"""The weights that come with the course: one command each makes them again, in the name and format they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from aigc_course.cli import main
from aigc_course.compute import Compute
from aigc_course.files import SUMS
from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.resources import resource_root
from aigc_course.runs.options import values
from aigc_course.train import train
from tests.recipes.tiny import tiny

MODELS = resource_root() / "models"
PRESETS = [(name, preset) for name in FAMILIES for preset in family(name).course]
CARDS = {path.stem: path.read_text("utf-8") for path in MODELS.glob("*.md")}


def tensors(path: Path) -> dict[str, tuple[str, int]]:
    """Name -> precision and number of axes of each tensor in a file, and what the file says besides."""
    with safe_open(path, "pt") as file:
        kept = {name: file.get_slice(name) for name in file.keys()}                    # noqa: SIM118
        about = (file.metadata() or {}).get("about", "")
    return {name: (one.get_dtype(), len(one.get_shape())) for name, one in kept.items()} | {
        "about": (" ".join(sorted(re.findall(r'"(\\w+)":', about))), 0)}


def weights_in(path: Path) -> Path:
    return path / "model.safetensors" if path.is_dir() else path


def test_every_file_has_a_preset_and_a_card_that_names_its_command():
    made = {family(name).course[preset].file for name, preset in PRESETS}
    assert made == {path.name for path in MODELS.iterdir() if path.suffix != ".md" and path.name != SUMS}
    for name, preset in PRESETS:
        file = family(name).course[preset].file.removesuffix(".safetensors")
        card = CARDS.get(file) or CARDS["poems"]
        assert f"`aigc train {name} --preset {preset}`" in card
        assert "python -m" not in card and (file.startswith("poems") or card.count("aigc train") == 1)


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_a_preset_has_the_sizes_of_its_file(name, preset):
    file = MODELS / family(name).course[preset].file
    wanted = {path.removeprefix("net."): value for path, value in values(family(name).presets[preset]).items()}
    net = family(name).load(file)[0]
    config = getattr(net, "config", None)
    if config is None:
        assert (net.z_dim, net.embed.num_embeddings) == (wanted["z_dim"], wanted["classes"])        # dcgan's generator
        return
    seen = 0
    for path, value in values(config).items():
        if wanted.get(path) not in (0, None) and path not in ("source", "target"):
            assert value == wanted[path], path
            seen += 1
    assert seen > 2


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_a_tiny_run_of_it_saves_what_the_course_holds(name, preset, own, tmp_path):
    """But for sizes that depend on the data; a net of other layers has other tensors, so layers are the preset's."""
    found = family(name)
    whole = values(found.presets[preset])
    keep = {path: whole[path] for path in ("net.layers", "net.hidden", "layers", "hidden", "embedding", "context",
                                           "net.context") if path in whole}
    keep |= {"net.width": whole["net.width"]} if name == "vae" else {}
    keep |= {"net.heads": 1} if "net.heads" in whole else {}
    data = own["gpt"] if name == "gpt" else found.course[preset].data
    job = found.job(tiny(name, preset, steps=2, **keep), data, Compute())
    list(train(job.run, job.batches, 2))
    out = tmp_path / found.weights(preset)
    job.save(out)
    there = MODELS / out.name
    assert tensors(weights_in(out)) == tensors(weights_in(there))
    if out.is_dir():
        assert {path.name for path in out.iterdir()} == {path.name for path in there.iterdir()}
    ours, *others = found.load(out)
    theirs, *more = found.load(there)
    assert type(ours) is type(theirs) and [*map(type, others)] == [*map(type, more)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "preset", "few"), [
    ("transformer", "course", ["--examples", "300"]), ("vae", "course-map", ["--examples", "300"])])
def test_the_command_itself_with_few_rounds(name, preset, few, tmp_path, monkeypatch):
    monkeypatch.setenv("AIGC_STATIC", "1")
    threads = torch.get_num_threads()
    with pytest.raises(SystemExit) as end:
        main(["train", name, "--preset", preset, "--steps", "3", *few, "--out", str(tmp_path / "run")])
    torch.set_num_threads(threads)
    assert not end.value.code
    (file,) = (tmp_path / "run/weights").iterdir()
    assert file.name == family(name).course[preset].file and tensors(file) == tensors(MODELS / file.name)
    ours, theirs = (family(name).load(path)[0].state_dict() for path in (file, MODELS / file.name))
    assert {key: one.shape for key, one in ours.items()} == {key: one.shape for key, one in theirs.items()}
