"""The learner's side of an installation: the copy of the notebooks, and finding out what is wrong."""
