"""Generative AI from scratch, as notebooks that run offline on a laptop.

Nothing is imported here on purpose: `import aigc_course` is instant, and every
notebook shows with its own import lines which part of the package it uses.
"""

__version__ = "0.1.0"
