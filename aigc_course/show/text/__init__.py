"""Pages and widgets of nets that write texts."""
