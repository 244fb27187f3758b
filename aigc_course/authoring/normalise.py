"""What is kept of a run: the same bytes from every machine, in every language, as small as it can be."""

import io
from base64 import b64decode, b64encode

from PIL import Image

from aigc_course.show.localised import LOCALISED

WIDGET = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
CELL_KEYS = ("tags", "course", "mystnb")


def storable(output: dict) -> bool:
    """Whether an output is stored and compared.

    Not stored: warnings (they name paths and line numbers), widgets that need a kernel, and what is written in
    the reader's language (both editions store the same outputs). A widget that also shows itself as HTML, such
    as those of `show.widgets`, is stored as that.
    """
    if output.get("output_type") == "stream":
        return output.get("name") != "stderr"
    data = output.get("data", {})
    return (WIDGET not in data or "text/html" in data) and not output.get("metadata", {}).get(LOCALISED)


def normalise(nb) -> str:
    """Cleans an executed notebook in place; returns what was written to stderr, for the author to read."""
    nb.nbformat, nb.nbformat_minor = 4, 5
    nb.metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"},
                   **{key: nb.metadata[key] for key in ("course",) if key in nb.metadata}}
    warned = []
    for cell in nb.cells:
        cell.metadata = {key: cell.metadata[key] for key in CELL_KEYS if cell.metadata.get(key)}
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            warned += [output.text for output in cell.outputs if output.get("name") == "stderr"]
            cell.outputs = _joined(filter(storable, cell.outputs))
            for output in cell.outputs:
                _clean(output)
    return "".join(warned)


def _joined(outputs) -> list:
    """Consecutive pieces of one stream as one: where a stream is cut is chance."""
    kept = []
    for output in outputs:
        if kept and output.output_type == kept[-1].output_type == "stream":
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


def _clean(output) -> None:
    if output.output_type == "error":   # tracebacks name paths
        output.traceback = [f"{output.ename}: {output.evalue}"]
    output.get("data", {}).pop(WIDGET, None)
    if "image/png" in output.get("data", {}):
        output.metadata = {}            # width and height repeat what the picture says
        output.data["image/png"] = b64encode(smaller(b64decode(output.data["image/png"]))).decode("ascii")


def smaller(png: bytes) -> bytes:
    """The picture with a palette of 256 colours and no metadata, if that is smaller than without loss."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    if picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
        few = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    else:
        few = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return min((_png(few), _png(picture)), key=len)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
