"""Projects of single lessons, each with all that belongs to it alone."""
