"""Runs on disk: every trained thing of the course at any size, from one command, in a folder that can be resumed."""
