"""The tasks that come with the project, a folder each."""
