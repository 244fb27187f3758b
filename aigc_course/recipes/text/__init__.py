"""Families of nets for texts."""
