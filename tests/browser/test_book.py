"""The built book as a reader meets it: from the web, from a folder, on a phone, on paper."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).parents[2]

# What is left to be wrong in a page: formulas not typeset, pictures that say nothing to who cannot see them.
UNFINISHED = """() => [
  ...[...document.querySelectorAll(".math")].filter(e => !e.querySelector("mjx-container")).map(e => e.textContent),
  ...[...document.querySelectorAll("mjx-merror, [data-mjx-error]")].map(e => e.textContent),
  ...[...document.querySelectorAll("article img")].filter(e => !e.alt.trim()).map(e => e.src.slice(0, 80)),
  ...[...document.querySelectorAll("article img")].filter(e => !e.naturalWidth).map(e => e.src.slice(0, 80)),
  ...[...document.querySelectorAll("article [role=img]:not(mjx-container *)")].filter(e => !e.ariaLabel)
    .map(e => e.outerHTML.slice(0, 80)),
]"""
# Formulas whose punctuation stands on the next line.
TORN = """() => [...document.querySelectorAll("article span.math")].filter(formula => {
  const together = formula.closest(".together"), next = together ? together.lastChild : formula.nextSibling;
  if (!next || next.nodeType !== 3 || !/^[，。、；：！？）”),.;:!?]/.test(next.data)) return false;
  const mark = document.createRange();
  mark.setStart(next, 0);
  mark.setEnd(next, 1);
  return mark.getBoundingClientRect().top > formula.querySelector("mjx-container").getBoundingClientRect().bottom + 2;
}).map(formula => formula.textContent.slice(0, 30))"""
# Sphinx writes its summary when the last result is listed.
FOUND = "document.querySelector('.search-summary')?.textContent.length > 0"
# query -> a page that must be among the first five found
SEARCHES = {
    "zh": {
        "生成对抗网络": "03_algorithms", "扩散模型": "02_concepts/02_generative_models",
        "判别器": "03_algorithms/01_gan",
        "模式坍塌": "09_appendix/glossary", "变分自编码器": "03_algorithms/02_vae", "最优判别器": "03_algorithms",
        "随机种子": "02_concepts/04_gan_or_vae", "GAN": "03_algorithms", "谱归一化": "09_appendix/glossary",
        "Mescheder": "09_appendix/references", "数据分布": "02_concepts/02_generative_models", "JupyterLab": "index",
        "TensorBoard": "07_tools/03_tools", "混合精度": "07_tools/01_training_fast",
    },
    "en": {
        "diffusion": "02_concepts/index", "generative adversarial network": "03_algorithms",
        "discriminator": "03_algorithms", "mode collapse": "03_algorithms/01_gan",
        "Mescheder": "09_appendix/references", "latent variable": "02_concepts/index",
        "扩散模型": "09_appendix/glossary", "gradient penalty": "09_appendix",
        "TensorBoard": "07_tools/03_tools", "all-reduce": "07_tools/02_one_to_many",
    },
}  # fmt: skip


def pages(book: Path) -> list[str]:
    """Every page that a reader can reach, such as zh/03_algorithms/index.html."""
    found = [path.relative_to(book).as_posix() for lang in ("zh", "en") for path in (book / lang).rglob("*.html")]
    return sorted(page for page in found if "/_" not in page)


def settled(tab) -> None:
    tab.evaluate("window.MathJax ? MathJax.startup.promise.then(() => true) : true")


def test_every_page_opens_from_a_folder_complete_and_fits_its_screen(book, open_tab):
    seen, problems = open_tab(), []
    for page in pages(book):
        seen.tab.set_viewport_size({"width": 375, "height": 900})                # a phone
        seen.tab.goto((book / page).as_uri())
        settled(seen.tab)
        problems += [(page, text) for text in seen.tab.evaluate(UNFINISHED)]
        if (wide := seen.tab.evaluate("document.documentElement.scrollWidth")) > 375:
            problems.append((page, f"is {wide} pixels wide"))
        for width in (500, 700, 1000):
            seen.tab.set_viewport_size({"width": width, "height": 900})
            problems += [(page, width, text) for text in seen.tab.evaluate(TORN)]
    assert problems == []
    assert (seen.external, seen.errors) == ([], [])


def test_every_page_opens_from_a_server_without_asking_others(book, served, open_tab):
    seen = open_tab()
    for page in pages(book):
        seen.tab.goto(f"{served}/{page}")
        settled(seen.tab)
    assert (seen.external, seen.errors) == ([], [])


def test_both_editions_have_the_same_pages_and_each_leads_to_its_twin(book, open_tab):
    listed = pages(book)
    assert {page[3:] for page in listed if page[:2] == "zh"} == {page[3:] for page in listed if page[:2] == "en"}
    for page in listed:
        html = (book / page).read_text("utf-8")
        link = re.search(r'class="language-switch"[^>]*?href="([^"]+)"', html, re.DOTALL)[1]
        other = {"zh": "en", "en": "zh"}[page[:2]] + page[2:]
        assert ((book / page).parent / link).resolve() == (book / other).resolve()
    seen = open_tab(width=375)
    seen.tab.goto((book / "zh/09_appendix/glossary.html").as_uri())
    seen.tab.click(".language-switch")
    assert seen.tab.url == (book / "en/09_appendix/glossary.html").as_uri()
    assert seen.tab.title().startswith("Glossary")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("way", ["server", "folder"])
def test_search_finds_what_is_there(book, served, open_tab, lang, way):
    seen = open_tab()
    base = served if way == "server" else book.as_uri()
    for query, expected in SEARCHES[lang].items():
        seen.tab.goto(f"{base}/{lang}/search.html?q={quote(query)}")
        seen.tab.wait_for_function(FOUND)
        links = seen.tab.locator("#search-results li > a").evaluate_all("all => all.map(a => a.pathname)")
        assert any(f"/{lang}/{expected}" in link for link in links[:5]), f"{query}: {links[:5]}"
    seen.tab.goto(f"{base}/{lang}/search.html?q=量子色动力学")
    seen.tab.wait_for_function(FOUND)
    assert seen.tab.locator("#search-results li").count() == 0
    assert (seen.external, seen.errors) == ([], [])


def test_the_explorer_in_the_page_follows_its_sliders(book, open_tab):
    seen = open_tab()
    explorers = [page for page in pages(book) if 'class="aigc-frames"' in (book / page).read_text("utf-8")]
    assert explorers, "no page has an interactive"
    for page in explorers:
        seen.tab.goto((book / page).as_uri())
        view = seen.tab.locator(".aigc-frames[data-on] .view").first
        for slider in seen.tab.locator(".aigc-frames").first.locator("input").all():
            before = view.screenshot()
            away = "ArrowRight" if slider.input_value() == slider.get_attribute("min") else "ArrowLeft"
            slider.focus()
            for _ in range(3):
                seen.tab.keyboard.press(away)
            assert view.screenshot() != before, page
    assert seen.errors == []


def test_solutions_are_folded_and_open_by_keyboard(book, open_tab):
    seen = open_tab()
    lesson = next(page for page in pages(book) if page.startswith("zh/03_") and "参考答案" in (book / page).read_text())
    seen.tab.goto((book / lesson).as_uri())
    answer = seen.tab.locator("details", has=seen.tab.locator("summary", has_text="参考答案")).first
    body = answer.locator("> :not(summary)").first
    assert not body.is_visible()
    answer.locator("summary").focus()
    seen.tab.keyboard.press("Enter")
    assert body.is_visible()


def test_the_pdf_has_the_formulas_and_the_chinese(book):
    done = subprocess.run([sys.executable, "book/build.py", "pdf"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = {"zh": ["生成对抗网络", "参考文献", "扩散模型"], "en": ["generative adversarial", "References"]}
    readers = {lang: subprocess.Popen([sys.executable, Path(__file__).with_name("pdf_text.py"),
                                       ROOT / "book" / "_build" / "pdf" / f"{lang}.pdf"], stdout=subprocess.PIPE)
               for lang in said}
    for lang, words in said.items():
        found = json.loads(readers[lang].communicate()[0])
        assert all(word in "".join(found["pages"]) for word in words)
        unset = [text for text in found["pages"] if "$$" in text or "\\frac" in text]
        assert not [text for text in unset if not re.search(r"E-0\d\d-\d\d|§\d", text)]    # errata quote raw formulas
        assert found["bookmarks"] > 0
