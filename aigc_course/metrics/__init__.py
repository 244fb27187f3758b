"""Metrics: pure functions of tensors, each with its formula, its source and its floor."""
