"""The Jupyter server of `aigc lab`: `python -m aigc_course.cli.server OPTIONS`, up in half the usual time.

jsonschema, on which Jupyter stands, uses the package rfc3987_syntax where it is installed (and Jupyter installs it), to
check international web addresses.  Importing that compiles a grammar: two of Jupyter's three and a half seconds of CPU,
for a check that none of its schemas asks for.  jsonschema goes without it when it cannot be imported, as here.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # pyright: ignore[reportArgumentType], documented: such an import fails

if __name__ == "__main__":
    from jupyterlab.labapp import main

    main()
