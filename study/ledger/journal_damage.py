"""What is wrong with a journal whose bytes were damaged, and what a power cut may leave in one.

A line that is lost may change what the following lines mean, so nothing after a damaged line can be used. Whether a
backup or the results before that line are better is for the user to decide.
"""

import json
import re
import shlex
import shutil
from pathlib import Path

from study.errors import StoreError
from study.files import unused
from study.ledger.journal_sums import JournalSums, is_sealed

_RESULT = b'"result"'
"""What a line with a result contains."""
_SECTOR = 512
"""A power cut leaves zeros in whole sectors of the disk, so fewer zeros in a row are another damage."""
_KEYS = {"op_code", "worker_id"}
"""What every line of a journal contains."""


def cut_zeros(journal: Path) -> str:
    """Cut off what a power cut destroyed in the middle of a journal, if no result follows. A copy stays beside it.

    Returns what was done, as a line; empty if nothing was. Raises StoreError if the zeros may be another damage.
    """
    content = journal.read_bytes() if journal.is_file() else b""
    zeros = re.search(rb"\0+", content)
    if zeros is None:
        return ""
    begin = content.rfind(b"\n", 0, zeros.start()) + 1
    if len(zeros[0]) < _SECTOR or _RESULT in content[begin:]:
        raise StoreError(_message(journal, content, begin, "it holds zeros"))
    # A result is forced to the disk with everything before it, so what is lost here is work that is done again.
    copy = cut_off(journal, begin)
    return f"{journal}: what a power cut destroyed in it was cut off, and no result with it; the whole file is {copy}"


def cut_off(journal: Path, begin: int) -> Path:
    """Cut a damaged journal to its first bytes. Returns a copy of the whole file."""
    copy = copy_aside(journal)
    with journal.open("r+b") as file:
        file.truncate(begin)
    return copy


def copy_aside(journal: Path) -> Path:
    """Copy a damaged journal. Returns the copy, which has a name of its own."""
    copy = unused(journal.parent, f"{journal.name}.damaged")
    shutil.copyfile(journal, copy)
    return copy


def damage_message(journal: Path, error: Exception) -> str:
    """Returns why a journal cannot be read, from which byte on, how many results follow there, and the way out."""
    content = journal.read_bytes()
    return _message(journal, content, first_wrong_line(content), f"{type(error).__name__}: {error}")


def _message(journal: Path, content: bytes, begin: int | None, why: str) -> str:
    if begin is None:
        return f"{journal}: cannot be read: {why}; put a copy of it back, or give the study another name"
    lost, kept = content[begin:].count(_RESULT), content[:begin].count(_RESULT)
    line = content[:begin].count(b"\n") + 1
    return (
        f"{journal}: cannot be read from line {line} on ({why}), so {_results(lost)} lost: put a copy of the file "
        f"back, or keep the results before that line ({kept}) and let the other cells run again: "
        f"truncate -s {begin} {shlex.quote(str(journal))}"
    )


def _results(number: int) -> str:
    return "1 result is" if number == 1 else f"{number} results are"


def first_wrong_line(content: bytes) -> int | None:
    """Returns where the first line begins that is none of a journal, or that no right checksum covers.

    Returns None if every line might be right.
    """
    begin = covered = 0
    sums = JournalSums()
    for line in content.split(b"\n")[:-1]:
        if not _might_be_a_line(line):
            return begin
        fits, begin = sums.fits(line + b"\n"), begin + len(line) + 1
        if not fits:
            return covered
        covered = begin if is_sealed(line + b"\n") else covered
    return None


def _might_be_a_line(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() >= _KEYS
