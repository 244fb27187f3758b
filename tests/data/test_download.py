"""Mirror, cache and network, against a small data set and a web server of our own."""

import gzip
import hashlib
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from aigc_course.data import download
from aigc_course.data.download import DataError, check, fetch, locate, mirror, verified
from aigc_course.data.images import mnist
from aigc_course.data.registry import Dataset, dataset, datasets
from aigc_course.errors import CourseError

FILES = {"one.txt": b"first file", "deep/two.txt": b"second file"}


@pytest.fixture
def server():
    """A web server on this computer: `server.files` is what it has, `server.asked` what it was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            httpd.asked.append(self.path)
            content = httpd.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            """Keep the test's output clean."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.files = {f"/good/{file}": content for file, content in FILES.items()}
    httpd.asked = []
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def sample(monkeypatch, tmp_path, server):
    """A data set of two files, with an empty cache and no mirror."""
    known = make_dataset("sample", FILES, f"{server.url}/good/{{file}}")
    monkeypatch.setattr(download, "dataset", lambda name: known)
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("AIGC_DATA_MIRROR", raising=False)
    return known


def make_dataset(name, files, *urls):
    return Dataset(
        name,
        "Sample",
        "样本",
        bytes=sum(map(len, files.values())),
        licence="free",
        citation="us",
        source="here",
        faults="none",
        patterns=tuple(("*", url) for url in urls),
        sha256={file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    )


def put(folder, file, content):
    path = folder / "sample" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(file="one.txt"):
    with verified("sample", file) as path:
        return path.read_bytes()


def test_the_mirror_comes_first_then_the_cache_then_the_network(
    sample, server, tmp_path, monkeypatch, capsys
):
    assert locate("sample", "one.txt") is None
    assert read() == FILES["one.txt"]
    assert server.asked == ["/good/one.txt"]
    assert "Licence: free. Cite: us." in capsys.readouterr().err

    cached = tmp_path / "cache" / "sample" / "one.txt"
    assert locate("sample", "one.txt") == cached and read() == FILES["one.txt"]
    assert server.asked == ["/good/one.txt"]  # the second reading asked nobody

    mirrored = put(tmp_path / "mirror", "one.txt", FILES["one.txt"])
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path / "mirror"))
    assert locate("sample", "one.txt") == mirrored
    assert locate("sample", "deep/two.txt") is None  # a mirror may have a part only
    assert read("deep/two.txt") == FILES["deep/two.txt"]


def test_a_mirror_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path / "unplugged"))
    with pytest.raises(DataError, match="unplugged, which is not a folder .* unset it"):
        mirror()


def test_a_damaged_mirror_is_refused_and_left_alone(sample, tmp_path, monkeypatch):
    path = put(tmp_path / "mirror", "one.txt", b"first fily")
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path / "mirror"))
    assert check("sample", "one.txt").state == "damaged"
    for attempt in (read, lambda: fetch("sample")):
        with pytest.raises(DataError, match="one.txt is damaged .* copy it to the mirror again"):
            attempt()
    assert path.read_bytes() == b"first fily"


def test_a_damaged_cache_is_refused_and_get_repairs_it(sample, tmp_path):
    put(tmp_path / "cache", "one.txt", b"")
    with pytest.raises(DataError, match="is damaged .* run `aigc data get sample`"):
        read()
    fetch("sample")
    assert {file: read(file) for file in FILES} == FILES


def test_a_file_that_changes_while_it_is_read_is_refused(sample, tmp_path):
    put(tmp_path / "cache", "one.txt", FILES["one.txt"])
    with (
        pytest.raises(DataError, match="was changed while it was read"),
        verified("sample", "one.txt") as path,
    ):
        path.write_bytes(b"first fily")


def test_a_download_of_other_bytes_is_refused_and_not_kept(sample, server, tmp_path):
    server.files["/good/one.txt"] = b"<html>please log in</html>"
    with pytest.raises(DataError, match="not the published file.*AIGC_DATA_MIRROR"):
        read()
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_an_unreachable_network_is_one_sentence(sample, server, monkeypatch, tmp_path):
    known = make_dataset("sample", FILES, "http://127.0.0.1:1/{file}")  # nobody listens on port 1
    monkeypatch.setattr(download, "dataset", lambda name: known)
    with pytest.raises(
        DataError, match=r"sample/one.txt could not be downloaded \(ConnectionError\): connect"
    ) as told:
        read()
    assert "\n" not in str(told.value) and str(told.value).endswith("AIGC_DATA_MIRROR=FOLDER.")


def test_a_cache_that_cannot_be_written_is_named(sample, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="one.txt cannot be written .* free some space"):
        read()


def test_the_next_address_is_tried(sample, server, monkeypatch):
    known = make_dataset("sample", FILES, f"{server.url}/gone/{{file}}", f"{server.url}/good/{{file}}")
    monkeypatch.setattr(download, "dataset", lambda name: known)
    counted = []
    fetch("sample", advance=counted.append)
    assert sorted(server.asked) == [
        "/gone/deep/two.txt",
        "/gone/one.txt",
        "/good/deep/two.txt",
        "/good/one.txt",
    ]
    assert sum(counted) == known.bytes
    fetch("sample", advance=counted.append)  # a second time there is nothing to do
    assert len(server.asked) == 4 and sum(counted) == 2 * known.bytes


def test_a_file_that_the_data_set_lacks_is_refused(sample):
    with pytest.raises(DataError, match="has no file 'three.txt'"):
        read("three.txt")


def test_the_manifest_is_whole():
    assert {"mnist", "chinese-poetry", "tatoeba", "fsdd"} <= set(datasets())
    for known in datasets().values():
        assert (
            known.title
            and known.title_zh
            and known.licence
            and known.citation
            and known.faults
            and known.bytes
        )
        for file, digest in known.sha256.items():
            assert len(digest) == 64 and int(digest, 16)
            urls = known.urls(file)
            assert urls and all(url.isascii() and url.startswith("https://") for url in urls)
    assert [len(known.sha256) for known in datasets().values()] == [4, 60, 1, 3000]
    with pytest.raises(CourseError, match="choose from mnist"):
        dataset("mnits")


def test_chinese_folders_are_spelled_for_the_web():
    assert (
        "/%E5%85%A8%E5%94%90%E8%AF%97/poet.tang.0.json"
        in dataset("chinese-poetry").urls("poet.tang.0.json")[0]
    )


def idx(values):
    shape = values.shape
    return gzip.compress(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values.tobytes())


def test_mnist_reads_idx_files(monkeypatch, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    files = {
        "train-images-idx3-ubyte.gz": idx(pixels),
        "train-labels-idx1-ubyte.gz": idx(np.arange(5, dtype="u1")),
    }
    known = make_dataset("mnist", files)
    monkeypatch.setattr(download, "dataset", lambda name: known)
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path))
    (tmp_path / "mnist").mkdir()
    for file, content in files.items():
        (tmp_path / "mnist" / file).write_bytes(content)
    images, labels = mnist("train")
    assert torch.equal((images[:, 0] * 255).round().to(torch.uint8), torch.from_numpy(pixels))
    assert images.shape == (5, 1, 28, 28) and labels.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(CourseError, match="no split 'valid'"):
        mnist("valid")

    short = {file: gzip.compress(gzip.decompress(content)[:-1]) for file, content in files.items()}
    known = make_dataset("mnist", short)
    for file, content in short.items():
        (tmp_path / "mnist" / file).write_bytes(content)
    with pytest.raises(DataError, match="not an idx file"):
        mnist("train")


@pytest.mark.real
def test_the_real_mnist_test_split(real_data):
    images, labels = mnist("test")
    assert images.shape == (10_000, 1, 28, 28) and images.min() == 0 and images.max() == 1
    assert labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert images.mean().item() == pytest.approx(0.1325, abs=1e-4)


@pytest.mark.real
def test_the_mirror_is_what_the_manifest_says(real_data):
    for name in ("mnist", "tatoeba"):
        found = [check(name, file).state for file in dataset(name).sha256]
        assert "ok" in found and "damaged" not in found
