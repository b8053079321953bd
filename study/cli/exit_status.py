"""The exit statuses of the command `study`."""

DONE = 0
SOME_FAILED = 1
"""The command did its work, and some cell, line or file was not as it should be."""
BAD_INPUT = 2
STOPPED = 130
"""The user or the time limit stopped the command, and nothing is lost."""
