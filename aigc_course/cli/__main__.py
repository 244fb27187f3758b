"""`python -m aigc_course.cli` is `aigc`, also where the program is not on the PATH."""

from aigc_course.cli import main

main()
