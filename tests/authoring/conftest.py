from tests.authoring.authoring_course import course  # noqa: F401  (a fixture)
