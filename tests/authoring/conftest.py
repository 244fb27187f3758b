from authoring_course import course  # noqa: F401  (a fixture)
