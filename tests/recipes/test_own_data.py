"""Data by name or of one's own: pictures, texts and pairs; what is held out stays held out, what is wrong is named."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from aigc_course.data.seeds import HELD_OUT
from aigc_course.data.text.bpe import BPE, LONGEST, train_bpe
from aigc_course.errors import CourseError
from aigc_course.recipes.images import pictures
from aigc_course.recipes.images.pictures import Pictures
from aigc_course.recipes.text import pairs, texts

# --- pictures ---------------------------------------------------------------------------------------------------------


def paint(folder, shades, size=(12, 8), mode="L"):
    folder.mkdir(parents=True, exist_ok=True)
    for shade in shades:
        Image.new(mode, size, shade if mode == "L" else (shade, 0, 0)).save(folder / f"{shade:03}.png")


def test_a_folder_is_cut_to_size_and_its_subfolders_are_classes(tmp_path):
    paint(tmp_path / "b", range(30))
    paint(tmp_path / "a", range(100, 130))
    known = pictures.to_learn(str(tmp_path), (1, 8, 8))
    unseen, other = pictures.held_out(str(tmp_path), (1, 8, 8))
    assert known.images.shape == (54, 1, 8, 8) and len(unseen.images) == len(other.images) == 3
    assert known.classes == 2 and torch.equal(known.labels, (known.images[:, 0, 0, 0] * 255 < 99).long())
    shades = [set((part.images[:, 0, 0, 0] * 255).round().int().tolist()) for part in (known, unseen, other)]
    assert set.union(*shades) == {*range(30), *range(100, 130)} and sum(map(len, shades)) == 60


def test_pictures_are_read_in_colour_where_the_net_wants_it_and_keep_what_is_up(tmp_path):
    paint(tmp_path, range(30), mode="RGB")
    known = pictures.to_learn(str(tmp_path), (3, 8, 8))
    assert known.labels is None and known.classes is None
    assert known.images.shape == (27, 3, 8, 8) and known.images[:, 1:].max() == 0 < known.images[:, 0].max()
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[0] = 255                                                                  # the upper row, and all columns
    Image.fromarray(pixels).save(tmp_path / "upper.png")
    upper = pictures.picture(tmp_path / "upper.png", (3, 8, 8))
    assert upper.shape == (3, 8, 8) and upper[:, 0].min() == 1 and upper[:, 1:].max() == 0
    assert pictures.picture(tmp_path / "upper.png", (1, 8, 8)).shape == (1, 8, 8)


def test_what_is_wrong_with_a_folder_is_said(tmp_path):
    with pytest.raises(CourseError, match="There is no folder .*give ink, mnist, or a folder"):
        pictures.to_learn(str(tmp_path / "none"))
    paint(tmp_path, range(3))
    with pytest.raises(CourseError, match="holds 3 pictures"):
        pictures.to_learn(str(tmp_path))
    paint(tmp_path, range(30))
    (tmp_path / "damaged.png").write_bytes(b"no picture")
    with pytest.raises(CourseError, match=r"damaged\.png is no picture"):
        pictures.to_learn(str(tmp_path))
    with pytest.raises(CourseError, match="ink has pictures of the shape"):
        pictures.to_learn("ink", (1, 32, 32))
    with pytest.raises(CourseError, match="1 .grey. or 3 .colour. channels"):
        pictures.to_learn(str(tmp_path), (2, 8, 8))


def read_back(image, tmp_path, suffix=".png", channels=1, **settings):
    """The first row of an 8×8 picture that went through a file."""
    image.save(tmp_path / f"one{suffix}", **settings)
    return pictures.picture(tmp_path / f"one{suffix}", (channels, 8, 8))[:, 0]


def ramp(dtype, top):
    """8×8 values from 0 to `top`, column by column."""
    return np.tile(np.linspace(0, top, 8), (8, 1)).astype(dtype)


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA"])
def test_what_is_transparent_is_white(tmp_path, mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))                          # black ink on glass, as drawing tools save
    image.paste((0, 0, 0, 255), (0, 0, 4, 8))
    row = read_back(image.convert("P" if mode == "PA" else mode), tmp_path)
    assert row[0, :4].max() < 0.01 and row[0, 4:].min() > 0.99
    grey = Image.new("L", (8, 8), 0)
    grey.paste(9, (4, 0, 8, 8))
    assert read_back(grey, tmp_path, transparency=9)[0].tolist() == [0] * 4 + [1] * 4
    assert read_back(image, tmp_path, channels=3)[:, 7].tolist() == [1] * 3


@pytest.mark.parametrize("values, suffix", [(ramp(np.uint16, 65_535), ".png"), (ramp(np.uint16, 65_535), ".tif"),
                                            (ramp(np.float32, 1), ".tif"), (ramp(np.float32, 3000) - 40, ".tif"),
                                            (ramp(np.int32, 2**30), ".tif"), (ramp(np.uint8, 255), ".png")])
def test_greys_of_any_depth_keep_their_steps(tmp_path, values, suffix):
    expected = torch.linspace(0, 1, 8)
    for channels in (1, 3):
        rows = read_back(Image.fromarray(values), tmp_path, suffix, channels)
        assert rows.shape == (channels, 8) and torch.allclose(rows, expected.expand(channels, 8), atol=0.004)


def test_dark_pictures_of_sixteen_bits_stay_dark(tmp_path):
    assert read_back(Image.fromarray(ramp(np.uint16, 6000)), tmp_path).max().item() == pytest.approx(6000 / 65_535)
    assert read_back(Image.fromarray(np.full((8, 8), 0.25, np.float32)), tmp_path, ".tif").unique().item() == 0.25
    assert read_back(Image.fromarray(np.full((8, 8), 7.0, np.float32)), tmp_path, ".tif").isfinite().all()
    with pytest.raises(CourseError, match="values that are no numbers"):
        read_back(Image.fromarray(np.full((8, 8), np.nan, np.float32)), tmp_path, ".tif")


def test_a_camera_held_sideways_ink_of_four_colours_and_films(tmp_path):
    image = Image.fromarray(ramp(np.uint8, 255))
    exif = Image.Exif()
    exif[0x0112] = 3                                                                       # was held upside down
    assert torch.allclose(read_back(image, tmp_path, exif=exif), read_back(image, tmp_path).flip(-1))
    cmyk = Image.new("CMYK", (8, 8), (0, 0, 0, 0))
    cmyk.paste((0, 0, 0, 255), (0, 0, 4, 8))
    row = read_back(cmyk, tmp_path, ".tif")[0]
    assert row[0] == 0 and row[7] == 1
    film = [Image.new("L", (8, 8), shade) for shade in (255, 0)]
    assert read_back(film[0], tmp_path, ".gif", save_all=True, append_images=film[1:]).min() == 1


def test_a_picture_of_too_many_pixels_is_named(tmp_path, monkeypatch):
    Image.new("L", (64, 64)).save(tmp_path / "huge.png")
    for limit in (3000, 1000):                                                       # Pillow warns, Pillow refuses
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(CourseError, match=f"huge.png has more than {limit:,} pixels: make it smaller"):
            pictures.picture(tmp_path / "huge.png", (1, 8, 8))


def test_only_what_is_a_learners_own_is_a_class(tmp_path):
    for name, shades in {"a": range(20), "b": range(100, 120), ".ipynb_checkpoints": range(5)}.items():
        paint(tmp_path / name, shades)
    paint(tmp_path / "b/.hidden", range(3))
    (tmp_path / "a/._000.png").write_bytes(b"resource fork")
    (tmp_path / "b/notes.png").mkdir()
    assert pictures.to_learn(str(tmp_path), (1, 8, 8)).classes == 2 and len(pictures.files_of(tmp_path)) == 40
    paint(tmp_path, [7])
    pictures.folder.cache_clear()
    with pytest.raises(CourseError, match=r"007\.png lies beside the subfolders"):
        pictures.to_learn(str(tmp_path), (1, 8, 8))


SEEDS = (0, 1, 96, 97, 98, 99, 100, 101, 102, 999, 1_000_001, 2**31, 2**32 - 1, 2**63)


@pytest.mark.parametrize("make", [lambda seed: pictures.to_learn("ink", examples=3, seed=seed),
                                  lambda seed: texts.documents("verse", 3, seed),
                                  lambda seed: pairs.tasks("reversal", 3, seed)], ids=["ink", "verse", "reversal"])
def test_no_seed_draws_to_learn_from_what_is_held_out(make, monkeypatch):
    """Whatever is drawn for one purpose is drawn with seeds of its own; seed 0 keeps the seeds that it always had."""
    drawn, held = [], {101, 102, 1_000_003}
    for module, name in ((pictures, "ink"), (texts, "verse"), (pairs, "reversals")):
        before = getattr(module, name)

        def noted(*args, before=before, **settings):
            drawn.append(settings["seed"])
            return before(*args, **{**settings, "seed": 1})
        monkeypatch.setattr(module, name, noted)
    for seed in SEEDS:
        make(seed)
    to_learn_from = [seed for seed in drawn if seed not in held]
    assert len(set(to_learn_from)) == len(SEEDS) == len(to_learn_from) and min(to_learn_from) in (1, 2)
    assert all(seed < HELD_OUT.start or seed >= HELD_OUT.stop for seed in to_learn_from)
    assert all(seed in HELD_OUT for seed in held)


def test_no_poem_is_composed_that_is_held_out(monkeypatch):
    found = texts.documents("verse", 60, seed=100)
    assert len(found.unseen) == 500 and not set(found.known) & set(found.unseen)
    monkeypatch.setattr(texts, "verse", lambda n, seed, length: [f"poem {i}" for i in range(5 if seed == 101 else 9)])
    assert texts.documents("verse", 9, seed=3).known == [f"poem {i}" for i in range(5, 9)], "nor by chance"


def test_drawn_digits_depend_on_the_seed_and_go_with_their_labels():
    one, same, other = (pictures.to_learn("ink", examples=20, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.images, same.images) and not torch.equal(one.images, other.images)
    assert len(one.tensors(labelled=True)) == 2 and len(one.tensors(labelled=False)) == 1
    assert one.labels.dtype == torch.long and one.classes == 10


def test_what_is_held_out_comes_as_close_to_itself_as_real_pictures_do(monkeypatch):
    draw = torch.Generator().manual_seed(0)
    halves = [Pictures(torch.rand(80, 1, 8, 8, generator=draw), None, None) for _ in range(2)]
    monkeypatch.setattr(pictures, "held_out", lambda data, shape: halves)
    found = pictures.likeness("mine", halves[1].images, asked=True)
    distance = found["Fréchet distance (7×7 pixel features, n = 80)"]
    assert distance == pytest.approx(found["floor of the Fréchet distance"]) and set(found) == {
        "Fréchet distance (7×7 pixel features, n = 80)", "floor of the Fréchet distance", "coverage (0 to 1)"}
    assert pictures.likeness("mine", torch.zeros(80, 1, 8, 8), asked=True)["coverage (0 to 1)"] < 0.2
    monkeypatch.setattr(pictures, "held_out", lambda data, shape: (halves[0], halves[1]._replace(
        images=halves[1].images[:40])))
    assert pictures.likeness("mine", halves[1].images, asked=True) == {}          # too few for a covariance


@pytest.mark.slow
def test_drawn_digits_are_read_as_what_was_asked_for():
    unseen = pictures.held_out("ink")[1]
    images = torch.stack([unseen.images[unseen.labels == number % 10][number // 10] for number in range(500)])
    found = pictures.likeness("ink", images, asked=True)
    assert found["read as the class asked for (0 to 1)"] > 0.95
    assert found["Fréchet distance (course classifier features, n = 500)"] < 5
    assert "read as the class asked for (0 to 1)" not in pictures.likeness("ink", images, asked=False)


@pytest.mark.real
def test_real_digits_that_nothing_is_trained_on_come_in_halves(real_data):
    halves = pictures.held_out("mnist")
    assert [part.images.shape for part in halves] == [(5000, 1, 28, 28)] * 2 and halves[0].classes == 10
    assert not torch.equal(halves[0].images, halves[1].images)


# --- texts ------------------------------------------------------------------------------------------------------------


def test_documents_of_a_file_stand_between_empty_lines_or_on_lines(tmp_path):
    poems = [f"line {n}\nand its second" for n in range(40)]
    (tmp_path / "poems.txt").write_text("\n \n".join([*poems, poems[3]]), "utf-8")
    found = texts.documents(str(tmp_path / "poems.txt"))
    assert found.unseen == poems[::10] and sorted([*found.known, *found.unseen]) == sorted(poems)
    (tmp_path / "lines.txt").write_text("\n".join(f"line {n}" for n in range(40)), "utf-8")
    assert len(texts.documents(str(tmp_path / "lines.txt")).known) == 36


def test_prose_of_a_file_is_cut_once_at_the_end_of_a_line(tmp_path):
    text = "\n".join(f"This is line {n}." for n in range(100))
    (tmp_path / "prose.txt").write_text(text, "utf-8")
    (known,), (unseen,) = texts.prose(str(tmp_path / "prose.txt"))
    assert known + unseen == text and known.endswith("\n") and 0.08 < len(unseen) / len(text) < 0.13
    (tmp_path / "one_line.txt").write_text("x" * 100, "utf-8")
    (known,), (unseen,) = texts.prose(str(tmp_path / "one_line.txt"))
    assert (len(known), len(unseen)) == (90, 10)


@pytest.mark.parametrize("text", ["\n".join(["A title", "by somebody", "1899", "word " * 18_000]),
                                  "My book\n" + "字" * 120_000, "a\n" * 3 + "b" * 1000 + "\nc" * 600])
def test_the_held_out_share_has_bounds_whatever_the_lines(tmp_path, text):
    (tmp_path / "book.txt").write_text(text, "utf-8")
    (known,), (unseen,) = texts.prose(str(tmp_path / "book.txt"))
    assert known + unseen == text and 0.1 <= len(unseen) / len(text) <= 0.2


def test_a_text_that_must_be_cut_within_a_line_is_named(tmp_path, capsys):
    (tmp_path / "book.txt").write_text("My book\n" + "word " * 2000, "utf-8")
    (known,), _ = texts.prose(str(tmp_path / "book.txt"))
    assert known.endswith(" ") and "book.txt has no end of a line near its last tenth" in capsys.readouterr().out
    (tmp_path / "lines.txt").write_text("word\n" * 2000, "utf-8")
    texts.prose(str(tmp_path / "lines.txt"))
    assert capsys.readouterr().out == ""


def test_one_giant_among_the_documents_is_not_held_out(tmp_path, capsys):
    (tmp_path / "giant.txt").write_text("\n".join(["x" * 9000, *(f"line {n}" for n in range(40))]), "utf-8")
    found = texts.documents(str(tmp_path / "giant.txt"))
    assert "x" * 9000 in found.known and len(found.unseen) == 4 and "longer than many others" in capsys.readouterr().out


def test_an_empty_line_among_documents_of_one_line_separates_nothing(tmp_path, capsys):
    lines = [f"line {n}" for n in range(40)]
    (tmp_path / "one.txt").write_text("\n".join([*lines[:20], "", *lines[20:], "", ""]), "utf-8")
    found = texts.documents(str(tmp_path / "one.txt"))
    assert sorted([*found.known, *found.unseen]) == sorted(lines) and "every line is taken" in capsys.readouterr().out


def test_text_of_any_system_is_read_alike(tmp_path):
    lines = [f"line {n} of\u2028some\x85kind\x0c." for n in range(40)]
    (tmp_path / "windows.txt").write_bytes("\r\n".join([*lines, "", ""]).encode("utf-8-sig"))
    found = texts.documents(str(tmp_path / "windows.txt"))
    assert found.unseen == lines[::10] and len(found.known) == 36
    pair_lines = [f"source {n}\u2028\x85\x0c.\ttarget {n}\x0b." for n in range(60)]
    for name, content in (("unix", "\n".join([*pair_lines, "", "  ", ""]).encode()),
                          ("windows", "\r\n".join(pair_lines).encode("utf-8-sig"))):
        (tmp_path / name).write_bytes(content)
        known, unseen = pairs.from_file(str(tmp_path / name))
        assert sorted(known + unseen) == sorted(tuple(line.split("\t")) for line in pair_lines)


@pytest.mark.parametrize("encoding, said", [("utf-16", "is UTF-16"), ("utf-16-le", "zero bytes"),
                                            ("gb18030", "is not UTF-8 from byte")])
def test_another_encoding_is_named(tmp_path, encoding, said):
    text = "床前明月光，" if encoding == "gb18030" else "plain words "
    (tmp_path / "text.txt").write_bytes(text.encode(encoding) * 9)
    with pytest.raises(CourseError, match=f"{said}.*save it as UTF-8"):
        texts.read(str(tmp_path / "text.txt"))


def test_what_is_wrong_with_a_text_is_said(tmp_path):
    with pytest.raises(CourseError, match="none.txt cannot be read"):
        texts.documents(str(tmp_path / "none.txt"))
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 " * 100)
    with pytest.raises(CourseError, match="is not UTF-8 from byte 3 on"):
        texts.prose(str(tmp_path / "latin.txt"))
    (tmp_path / "empty.txt").write_text(" \n", "utf-8")
    with pytest.raises(CourseError, match="is empty"):
        texts.prose(str(tmp_path / "empty.txt"))
    (tmp_path / "few.txt").write_text("a\nb\na\n", "utf-8")
    with pytest.raises(CourseError, match="holds 2 different documents"):
        texts.documents(str(tmp_path / "few.txt"))


def test_the_library_learns_our_merges_and_leaves_out_rare_ones():
    said = ["the cat sat on the mat, the dog lay beside it " * 10, "a rare thing"]
    bpe = texts.learnt(said, 280)
    assert len(bpe) == 280 and bpe.merges == train_bpe(said, len(bpe.merges))
    assert len(texts.learnt(said, 5000)) < len(BPE(train_bpe(said, 5000)))
    with pytest.raises(CourseError, match="has no room for all bytes"):
        texts.learnt(said, 200)


def test_merges_of_text_without_spaces_are_learnt_from_pieces_of_it():
    """A word that never ends would be counted anew, from its beginning, for each merge: minutes for a small book."""
    text = "".join(np.random.default_rng(0).choice(list("ACGT"), 5000))
    bpe = texts.learnt([text], 600)
    assert bpe.merges[:20] == train_bpe([text], 20)
    ids = texts.stream(bpe, [text])
    assert len(ids) < len(text) / 2 and bpe.decode(ids.tolist()) == text
    cut = " ".join([LONGEST * "x" + "z"] * 40)
    for merges in (texts.learnt([cut], 400).merges, train_bpe([cut], 100)):
        assert merges and not any(b"z" in right for _, right in merges), "no pair is counted across the border"


def test_a_vocabulary_is_filled_in_or_large_enough():
    assert texts.fitted(0, 70) == 70 and texts.fitted(128, 70) == 128
    with pytest.raises(CourseError, match="set it to 70 or more, or to 0"):
        texts.fitted(64, 70)


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_words_are_split_from_signs_and_ideographs_from_each_other():
    assert pairs.words("Don't go, T恤!") == ["don't", "go", ",", "t", "恤", "!"]
    assert pairs.words("我们 走") == ["我", "们", "走"]


def test_no_sentence_of_a_file_is_known_and_unseen(tmp_path):
    lines = [f"source {n % 40}\ttarget {n % 55}\tby somebody" for n in range(300)] + [f"s{n}\tt{n}" for n in range(200)]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines), "utf-8")
    known, unseen = pairs.from_file(str(tmp_path / "pairs.tsv"))
    assert 0 < len(unseen) < 0.15 * len(known) and len(known) + len(unseen) == len({line.split("\tby")[0]
                                                                                   for line in lines})
    for side in (0, 1):
        assert {pair[side] for pair in known}.isdisjoint(pair[side] for pair in unseen)
    (tmp_path / "bad.tsv").write_text("a\tb\nonly a source\n", "utf-8")
    with pytest.raises(CourseError, match="Line 2 of .*bad.tsv is no pair"):
        pairs.from_file(str(tmp_path / "bad.tsv"))
    (tmp_path / "few.tsv").write_text("a\tb\nc\td\n", "utf-8")
    with pytest.raises(CourseError, match="holds 2 pairs, too few"):
        pairs.from_file(str(tmp_path / "few.tsv"))


@pytest.mark.parametrize("task", pairs.TASKS)
def test_tasks_are_held_out_and_answered_by_whoever_knows_them(task):
    held = pairs.tasks(task, examples=300)
    known = dict(held.known)
    answers = {source: target for some in held.unseen.values() for source, target in some}
    assert len(held.known) == 300 and not known.keys() & answers.keys()
    found = pairs.exactness(lambda sources: [answers[source] for source in sources], held)
    assert set(found.values()) == {1.0} and len(found) == len(held.unseen)
    assert set(pairs.exactness(lambda sources: ["?"] * len(sources), held).values()) == {0.0}
    shown = pairs.shown(lambda sources: [answers[source] for source in sources], held)
    assert len(shown) == 8 and all(answers[line.split(" -> ")[0]] == line.split(" -> ")[1] for line in shown)


def test_words_that_are_asked_were_never_known():
    held = pairs.tasks("reversal")
    assert not {source for source, _ in held.known} & {source for source, _ in held.unseen["unseen words"]}
    assert len(held.known) == 20_000 and 800 < len(held.unseen["unseen words"]) < 1000


def test_words_are_reversed_or_sorted():
    assert all(target == source[::-1] for source, target in pairs.tasks("reversal", 50).known)
    assert all([*target] == sorted(source) for source, target in pairs.tasks("sorting", 50).known)


@pytest.mark.parametrize("target, tokenizer", [("我们去放风筝吧。", "zh"), ("we go to fly a kite today", "13a")])
def test_one_right_translation_of_several_is_right(target, tokenizer):
    asked = ["let's", "go"]
    held = pairs.Held([], {"unseen sentences": [(asked, target), (asked, "另一个 other words here")]})
    for written, expected in ((target, 100), ("xyz", 0)):
        found = pairs.bleu(lambda sources, written=written: [written] * len(sources), held)
        assert found[f"BLEU ({tokenizer}, 0 to 100)"] == pytest.approx(expected)


@pytest.mark.real
def test_tatoeba_is_read_in_words_and_characters(real_data):
    held = pairs.translations("tatoeba")
    source, target = held.known[0]
    assert len(held.known) > 20_000 and isinstance(source, list) and isinstance(target, str)
    assert not {tuple(s) for s, _ in held.known} & {tuple(s) for s, _ in held.unseen["unseen sentences"]}


@pytest.mark.real
def test_the_quatrains_of_the_tang_share_no_line_with_those_held_out(real_data):
    found = texts.documents("tang")
    lines = [{line for poem in part for line in texts.re.split("[，。\n]+", poem) if line} for part in found]
    assert len(found.known) > 13_000 and len(found.unseen) > 700 and lines[0].isdisjoint(lines[1])
