"""`python pdf_text.py FILE.pdf` prints the text of every page and the number of bookmarks, as JSON.

A program of its own, so that the two editions are read side by side.
"""

import json
import re
import sys
import unicodedata

from pypdf import PageObject, PdfReader
from pypdf.generic import DecodedStreamObject, NameObject

# Lines of a page that draw and say nothing. Formulas are drawn: without these, pypdf needs half the time.
DRAWING = re.compile(rb"^(?:[-\d. ]+ (?:[lmcvywJjMdi]|re|rg|RG|sc|scn)|h|f\*?|S|n|W\*? n|W\*?|EMC|/\w+ gs|.*BDC)\n",
                     re.MULTILINE)


def text(page: PageObject) -> str:
    """What a page says. Chromium names some characters by their twins among the radicals; NFKC undoes that."""
    content = DecodedStreamObject()
    content.set_data(DRAWING.sub(b"", page.get_contents().get_data()))
    page[NameObject("/Contents")] = content
    return unicodedata.normalize("NFKC", page.extract_text())


if __name__ == "__main__":
    reader = PdfReader(sys.argv[1])
    json.dump({"pages": [text(page) for page in reader.pages], "bookmarks": len(reader.outline)}, sys.stdout)
