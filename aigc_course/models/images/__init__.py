"""Nets that make or read pictures."""
