"""The time that a scheduler gives this job, as far as its environment tells: a run ends before it is killed."""

import math
import os
import time

_END = "SLURM_JOB_END_TIME"
"""The environment variable in which SLURM gives the end of a job, in seconds since 1970."""
_LEAD = 60.0
"""So many seconds before the end a run stops, because its trials must finish their epochs and it must log them."""
_LEAD_SHARE = 0.1
"""Of a shorter job, at most this share of the time is left unused."""


def hours_of_allocation() -> float:
    """Returns the hours that a run may take in this job; infinite if nobody tells, not above 0 if they are over."""
    left = _end() - time.time()
    return (left - min(_LEAD, _LEAD_SHARE * max(left, 0.0))) / 3600


def allocation_in_words() -> str:
    """Returns when this job ends, as a line; empty if nobody tells."""
    if (end := _end()) == math.inf:
        return ""
    clock = time.strftime("%H:%M:%S", time.localtime(end))
    if end <= time.time():
        return f"the time of this SLURM job was over at {clock} ({_END}); if there is no such job: unset {_END}"
    return f"this SLURM job ends at {clock} ({_END}), so the run stops before that, when each trial's epoch is over"


def _end() -> float:
    text = os.environ.get(_END, "")
    return float(text) if text.isdecimal() and len(text) < 12 else math.inf
