"""The exit statuses of the command `study`."""

DONE = 0
SOME_FAILED = 1
"""The command did its work, but a cell failed, a line was refused, or a file is damaged."""
BAD_INPUT = 2
STOPPED = 130
"""The user or the time limit stopped the command, and nothing is lost."""
