"""Nets that write or read texts, and the plain models before them."""
