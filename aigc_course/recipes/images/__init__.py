"""Families of nets for pictures."""
