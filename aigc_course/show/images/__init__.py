"""Pages and widgets of nets that make pictures."""
