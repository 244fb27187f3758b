"""Metrics of texts and of language models."""
