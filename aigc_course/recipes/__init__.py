"""Trained things: one configuration and one `build(config)` each."""
