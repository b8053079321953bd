"""What is asked: the search space, its trials and points, and how a file becomes one."""
