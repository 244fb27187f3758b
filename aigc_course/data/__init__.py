"""Data of the course: what any modality shares stands here, each modality's own in its wing."""
