"""The data sets of a study's results: those that were made for one request must be equal, or no mean holds."""

from collections.abc import Mapping
from typing import Any

from study.errors import StoreError

Data = Mapping[str, Any]
"""What a result records about its data set: name, fingerprint and perhaps request."""


class DataSets:
    """The fingerprint of the data set that was made for each request: task, version and data settings."""

    def __init__(self) -> None:
        self._fingerprints: dict[str, str] = {}

    def add(self, data: Data) -> None:
        """Note the data set of a result. The first one of a request counts."""
        request, fingerprint = _named(data)
        if fingerprint:
            self._fingerprints.setdefault(request, fingerprint)

    def difference(self, data: Data) -> str:
        """Says how a data set differs from that of the results before; empty if they are equal or unknown."""
        request, theirs = _named(data)
        ours = self._fingerprints.get(request, theirs)
        if ours == theirs or not theirs:
            return ""
        return f"its data are not the study's: {request} has the fingerprint {theirs[:12]}…, but {ours[:12]}… here"

    def check(self, data: Data, *, study: str) -> None:
        """Raise StoreError if a trial has other data than the results before it."""
        if difference := self.difference(data):
            raise StoreError(
                f"study {study!r}: a trial does not count, because {difference}; data() made other data than before: "
                "seed every generator in it, or give the file another `name` if what it reads has changed"
            )


def _named(data: Data) -> tuple[str, str]:
    """Returns the request and the fingerprint of a data set."""
    # The name of a built-in task's data set is its request, as every name was once.
    request = data.get("request") or data.get("name", "")
    return str(request), str(data.get("fingerprint", ""))
