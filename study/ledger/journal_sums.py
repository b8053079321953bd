"""The checksum at the end of each line of a journal, which covers everything in the file up to it.

So a byte that was changed, lost, added or moved is noticed at the next line, whatever the line means. Earlier versions
and optuna-dashboard write lines without a checksum; the next line that has one covers them, too.
"""

import hashlib

_BEGIN, _DIGITS, _END = b',"sum":"', 16, b'"}\n'
_LENGTH = len(_BEGIN) + _DIGITS + len(_END)


class JournalSums:
    """Reads or writes the lines of one journal, from the first on."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def seal(self, line: bytes) -> bytes:
        """Returns the next line with its checksum. It must be a JSON object and end in a line feed."""
        body = line.removesuffix(b"}\n")
        self._hash.update(body)
        sealed = body + self._mark()
        self._hash.update(sealed[len(body) :])
        return sealed

    def fits(self, line: bytes) -> bool:
        """Take the next line as it is. Returns False if its checksum does not fit; one without a checksum fits."""
        if not is_sealed(line):
            self._hash.update(line)
            return True
        self._hash.update(line[:-_LENGTH])
        fits = line[-_LENGTH:] == self._mark()
        self._hash.update(line[-_LENGTH:])
        return fits

    def _mark(self) -> bytes:
        return _BEGIN + self._hash.hexdigest()[:_DIGITS].encode() + _END


def is_sealed(line: bytes) -> bool:
    """Whether a line ends in a checksum, right or wrong."""
    return line.endswith(_END) and line[-_LENGTH:].startswith(_BEGIN)
