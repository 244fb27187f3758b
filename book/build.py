"""Builds the book: `python book/build.py [html|pdf] [--execute]`, called by `make book` and `make pdf`.

html: book/_build/html/{zh,en}, both languages side by side, warnings as errors.
pdf: book/_build/pdf/{zh,en}.pdf, one page of HTML printed by Chromium.
"""

import argparse
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sources import BOOK, LANGUAGES, MEASURED, ROOT, BookError, lay_out, read_measured

from aigc_course.errors import CourseError
from aigc_course.files import write_whole, writing

BUILD = BOOK / "_build"
# MathJax 3.2.2 in one file, from the package of that name on PyPI; see docs/adr/0005-book.md.
MATHJAX = "sphinx-mathjax-offline", "tex-svg-full.js"
MATHJAX_SHA256 = "a4354ff94fd868aea0cc6eaaa79a57fda0588646fc46ee3700a349ee0a11cbe6"
PATIENCE_S = 600
"""How long Chromium may take to open the whole book as one page: a fuse, no measure."""
CHOOSER = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>AIGC</title>
<link rel="icon" href="zh/_static/favicon.svg">
<script>location.replace((navigator.language.startsWith("zh") ? "zh" : "en") + "/index.html");</script>
<p><a href="zh/index.html">中文</a> · <a href="en/index.html" lang="en">English</a></p></html>
"""


def fetch_assets() -> None:
    """Puts MathJax, the only script that the theme does not bring itself, into book/_build/assets.

    Raises: BookError if the package is not installed, or the file is not the one we know.
    """
    package, name = MATHJAX
    target = BUILD / "assets" / name
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == MATHJAX_SHA256:
        return
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [path.locate() for path in files if path.name == name]
    if not found:
        raise BookError(f"The formulas need the package {package}: install it with `pip install -e '.[book]'`.")
    script = Path(found[0]).read_bytes()
    if hashlib.sha256(script).hexdigest() != MATHJAX_SHA256:
        raise BookError(f"{name} of {package} is not the file the book was tested with: install version 0.0.2.")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, script)


def start_sphinx(builder: str, lang: str, out: Path) -> subprocess.Popen:
    """Sphinx for one language, in a process of its own; both builders share the parsed pages."""
    environment = os.environ | {"AIGC_LANG": lang, "OMP_NUM_THREADS": "1"}
    doctrees = BUILD / "doctrees" / lang
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-c", str(BOOK)]
    command += ["-d", str(doctrees), str(BUILD / "src" / lang), str(out)]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def build(builder: str, target: Path, notebooks: Path, measured: Path) -> None:
    """Both editions at once. Raises: BookError if either has a warning; Sphinx has then said which."""
    fetch_assets()
    for lang in LANGUAGES:
        os.environ["AIGC_LANG"] = lang  # the exercises speak the language of their reader
        lay_out(lang, notebooks, BUILD / "src" / lang, measured)
    running = {lang: start_sphinx(builder, lang, target / lang) for lang in LANGUAGES}
    for lang in LANGUAGES:
        remove_stale(target / lang, BUILD / "src" / lang)
    failed = [lang for lang, process in running.items() if process.wait()]
    shutil.rmtree(target / "jupyter_execute", ignore_errors=True)  # MyST-NB's copy of every notebook, linked nowhere
    if failed:
        raise BookError(f"The book ({', '.join(failed)}) has the problems that Sphinx names above.")


def remove_stale(pages: Path, source: Path) -> None:
    """Deletes the page of a chapter's notebook or text that is there no more; Sphinx leaves it behind."""
    for page in pages.glob("[0-9][0-9]_*/*.html"):
        if not list((source / page.relative_to(pages)).parent.glob(f"{page.stem}.*")):
            page.unlink()


def print_pdf(page: Path, target: Path) -> None:
    """Prints one HTML page to PDF, formulas typeset and folded parts open.

    Raises: BookError if there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise BookError("The PDF is printed by Chromium: install it, or name it in the variable CHROMIUM.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri(), timeout=PATIENCE_S * 1000)
        tab.evaluate("window.MathJax ? MathJax.startup.promise : null")
        tab.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
        margin = {"top": "16mm", "bottom": "18mm", "left": "15mm", "right": "15mm"}
        number = '<div style="font-size:9px;width:100%;text-align:center"><span class="pageNumber"></span></div>'
        with writing(target) as part:
            tab.pdf(path=part, format="A4", margin=margin, outline=True, tagged=True, print_background=True,
                    display_header_footer=True, header_template="<div></div>", footer_template=number)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["html", "pdf"], default="html")
    parser.add_argument("--execute", action="store_true", help="run the notebooks again")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="folder with zh/ and en/")
    options = parser.parse_args()
    started = time.perf_counter()
    notebooks, measured = options.notebooks, MEASURED
    if options.execute:
        from again import run_again  # the rest of the book needs no kernels

        course = run_again(notebooks, read_measured(MEASURED), BUILD / "again")
        notebooks, measured = course.root / "notebooks", course.measured
    if options.what == "html":
        build("html", BUILD / "html", notebooks, measured)
        bring_chooser()
        print(f"Built {BUILD / 'html'} in {time.perf_counter() - started:.0f} s: open zh/index.html or en/index.html.")
    else:
        build("singlehtml", BUILD / "single", notebooks, measured)
        with ThreadPoolExecutor() as both:  # each waits for a Chromium of its own
            list(both.map(print_pdf, [BUILD / "single" / lang / "index.html" for lang in LANGUAGES],
                          [BUILD / "pdf" / f"{lang}.pdf" for lang in LANGUAGES]))
        print(f"Built {BUILD / 'pdf'} in {time.perf_counter() - started:.0f} s: zh.pdf and en.pdf.")


def bring_chooser() -> None:
    write_whole(BUILD / "html" / "index.html", CHOOSER)


if __name__ == "__main__":
    try:
        main()
    except (BookError, CourseError) as error:
        sys.exit(f"{error}")
