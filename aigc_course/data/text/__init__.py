"""Texts, and what turns them into ids and batches of ids."""
