"""The course's five source documents: their errors, and the verdict on each of their formulas."""
