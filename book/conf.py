"""Sphinx settings of both editions; `build.py` sets AIGC_LANG."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

LANG = os.environ["AIGC_LANG"]
TEXT = {
    "zh": {
        "title": "AIGC：从原理到实践",
        "author": "AIGC 课程的作者们",
        "fold": ("展开代码", "收起代码"),
        "licence": "文字 CC BY 4.0 · 代码 Apache-2.0",
        "other": ("en", "English", "Read this page in English"),
    },
    "en": {
        "title": "AIGC: from principles to practice",
        "author": "The authors of the AIGC course",
        "fold": ("Show the code", "Hide the code"),
        "licence": "Text CC BY 4.0 · code Apache-2.0",
        "other": ("zh", "中文", "阅读本页的中文版"),
    },
}[LANG]

project = html_title = TEXT["title"]
author = TEXT["author"]
language = {"zh": "zh_CN", "en": "en"}[LANG]
root_doc = "index"
extensions = ["myst_nb", "sphinxcontrib.bibtex", "chinese_search", "concept_graph"]
exclude_patterns = ["**.ipynb_checkpoints"]

# Notebooks: the stored outputs are the book; `make book EXECUTE=1` makes new ones first (again.py).
nb_execution_mode = "off"
nb_output_stderr = "remove"
nb_merge_streams = True
# A page has no kernel: of what a widget displays, show its HTML.
WIDGET = "application/vnd.jupyter.widget-view+json"
nb_mime_priority_overrides = [(builder, WIDGET, None) for builder in ("html", "singlehtml")]
nb_ipywidgets_js = {}
nb_code_prompt_show, nb_code_prompt_hide = TEXT["fold"]
nb_number_source_lines = False
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "html_image"]
myst_heading_anchors = 3

bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"

# Everything a page loads lies beside it: see docs/adr/0005-book.md.
mathjax_path = "tex-svg-full.js"
mathjax3_config = {"svg": {"fontCache": "global"}, "options": {"enableMenu": False}}
html_static_path = ["_static", "_build/assets"]
templates_path = ["_templates"]
html_favicon = "_static/favicon.svg"
html_css_files = ["book.css"]
html_js_files = ["book.js"]

html_theme = "sphinx_book_theme"
html_theme_options = {
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "article_header_end": ["language-switch.html", "article-header-buttons.html"],
    "home_page_in_toc": True,
    "show_navbar_depth": 2,
    "use_fullscreen_button": False,
    "extra_footer": TEXT["licence"],
    "footer_content_items": ["author.html", "extra-footer.html"],
}
html_context = {"default_mode": "light", "other_language": TEXT["other"]}
html_show_copyright = False
html_last_updated_fmt = None
html_use_index = False
