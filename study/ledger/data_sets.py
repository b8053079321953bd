"""The data sets of a study's results: those that were made for one request must be equal, or no mean holds."""

from study.errors import StoreError
from study.space.trial import TrialResult


class DataSets:
    """The fingerprint of the data set that was made for each request: task, version and data settings."""

    def __init__(self) -> None:
        self._fingerprints: dict[str, str] = {}

    def add(self, result: TrialResult) -> None:
        """Note the data set of a result. The first one of a request counts."""
        request, fingerprint = _data(result)
        if fingerprint:
            self._fingerprints.setdefault(request, fingerprint)

    def difference(self, result: TrialResult) -> str:
        """Says how a result's data differ from those of the results before; empty if they are equal or unknown."""
        request, theirs = _data(result)
        ours = self._fingerprints.get(request, theirs)
        if ours == theirs:
            return ""
        return f"its data are not the study's: {request} has the fingerprint {theirs[:12]}…, but {ours[:12]}… here"

    def check(self, result: TrialResult, *, study: str) -> None:
        """Raise StoreError if a result was made with other data than those before it."""
        if difference := self.difference(result):
            raise StoreError(
                f"study {study!r}: a trial is not recorded, because {difference}; data() made other data than before: "
                "seed every generator in it, or give the file another `name` if what it reads has changed"
            )


def _data(result: TrialResult) -> tuple[str, str]:
    """Returns the request and the fingerprint of a result's data set."""
    # The name of a built-in task's data set is its request, as every name was once.
    request = result.data.get("request") or result.data.get("name", "")
    return str(request), str(result.data.get("fingerprint", ""))
