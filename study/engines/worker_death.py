"""Why the process of a worker died, as far as its exit status and the system tell."""

import re
import signal
from pathlib import Path

from study.space.trial import Failure

_BY_CODE = re.compile(r"the worker died \((?:exit status|killed by SIG(?:SEGV|ABRT|BUS|FPE|ILL))")
_VMSTAT = Path("/proc/vmstat")


def death(code: int | None) -> str:
    """Returns the reason of a trial whose worker ended with this exit status. A negative one is a signal."""
    names = {-number.value: number.name for number in signal.Signals}
    return f"the worker died ({f'killed by {names[code]}' if code in names else f'exit status {code}'})"


def is_death_by_code(reason: str) -> bool:
    """Whether a worker was killed by code that it ran, and not by the system or by a person."""
    return bool(_BY_CODE.match(reason))


def cause_of_death(code: int | None, memory_kills_before: int) -> Failure:
    """Returns `memory` if the system killed the worker for lack of memory, else `worker`."""
    return "memory" if code == -signal.SIGKILL and memory_kills() > memory_kills_before else "worker"


def memory_kills() -> int:
    """Returns how many processes this system has killed for lack of memory, or 0 if the system does not tell."""
    lines = _VMSTAT.read_text(encoding="ascii").splitlines() if _VMSTAT.is_file() else []
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
