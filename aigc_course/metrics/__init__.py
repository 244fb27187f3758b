"""Metrics, pure functions of tensors or texts; those of one modality in its wing."""
