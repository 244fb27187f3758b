"""Displaying text in the reader's language without storing it in the notebook.

Both editions of a notebook store the same outputs, so what is shown in one language is marked here, and
authoring leaves it out of the file; nbval leaves it out of the comparison.
"""

LOCALISED = "aigc_localised"


def show_localised(html: str, text: str) -> None:
    """Displays `html`, or `text` where no browser is; marks the output as the reader's own."""
    from IPython import get_ipython
    if get_ipython() is None:
        print(text)
        return
    from IPython.display import display
    display({"text/html": html, "text/plain": text}, raw=True, metadata={LOCALISED: True})
