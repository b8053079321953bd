"""Which code of the task made the results of a study, and which codes count as one because the user accepted them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from study.errors import StoreError
from study.space.task_code import TaskCode

Files = Mapping[str, str]
"""The files of a code, by their path from the task's folder, each with the SHA-256 of its text."""
Cells = Mapping[str, int]
"""How many cells each code made, by its fingerprint."""
_ACCEPTABLE = (
    "--accept (in Python: accept=True) if this changes no number "
    "(a comment, or a new parameter whose default is the old value)"
)


@dataclass(frozen=True)
class Acceptance:
    """The user said that these codes give the same numbers."""

    codes: tuple[str, ...]
    text: str
    """What differs between them, how many cells each made, and when it was accepted."""


@dataclass(frozen=True)
class Codes:
    """The codes of a study, by their fingerprints. An empty fingerprint is unknown, and differs from none."""

    files: Mapping[str, Files] = field(default_factory=dict)
    accepted: tuple[Acceptance, ...] = ()

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Codes":
        """Read what `to_json` wrote. An older study or file has nothing of it."""
        accepted = (Acceptance(tuple(each["codes"]), str(each["text"])) for each in content.get("accepted", ()))
        return cls(dict(content.get("files", {})), tuple(accepted))

    def to_json(self) -> dict[str, Any]:
        """Returns plain values; nothing if no code is known."""
        accepted = [asdict(acceptance) for acceptance in self.accepted]
        return {"files": self.files, **({"accepted": accepted} if accepted else {})} if self.files else {}

    def one(self, code: str) -> str:
        """Returns the fingerprint that stands for a code and for all that were accepted as the same."""
        group, size = {code}, 0
        while len(group) > size:  # One acceptance may lead to another.
            size = len(group)
            for acceptance in self.accepted:
                if group & {*acceptance.codes}:
                    group |= {*acceptance.codes}
        return next((one for acceptance in self.accepted for one in acceptance.codes if one in group), code)

    def differ(self, one: str, other: str) -> bool:
        """Whether both codes are known, and are neither the same nor accepted as the same."""
        return bool(one and other) and self.one(one) != self.one(other)

    def others(self, now: str, cells: Cells) -> Cells:
        """Returns the codes that differ from this one, each with its number of cells."""
        return {code: count for code, count in cells.items() if self.differ(code, now)}

    def with_code(self, code: TaskCode) -> "Codes":
        """Returns these codes and, if it is new, this one.

        An earlier version recorded only Python files. If nothing else differs, its code counts as the same.
        """
        now = code.fingerprint
        if not now or now in self.files:
            return self
        codes = replace(self, files={**self.files, now: dict(code.files)})
        accepted = {one for acceptance in self.accepted for one in acceptance.codes}
        earlier = [old for old, files in self.files.items() if old not in accepted and _names_more(files, code.files)]
        if not earlier:
            return codes
        texts = "; ".join(f"{codes.changes(old, now)}, which was not recorded before" for old in earlier)
        return replace(codes, accepted=(*self.accepted, Acceptance((*earlier, now), texts)))

    def united(self, others: "Codes") -> "Codes":
        """Returns these codes and those of another machine, with what was accepted there."""
        new = tuple(acceptance for acceptance in others.accepted if acceptance not in self.accepted)
        return Codes({**others.files, **self.files}, (*self.accepted, *new))

    def changes(self, before: str, now: str) -> str:
        """Says which files differ between two codes, such as `task.py changed, helper.py added`."""
        if before not in self.files or now not in self.files:
            return "the task's code changed"
        return _file_changes(self.files[before], self.files[now])

    def in_words(self, now: str, others: Cells) -> str:
        """Says for each other code what was changed since, and how many cells it made."""
        counts = {code: f"{count:,} {'cell' if count == 1 else 'cells'}" for code, count in others.items()}
        return "; ".join(f"{self.changes(code, now)} after {cells}" for code, cells in counts.items())

    def accept(self, now: str, others: Cells) -> "Codes":
        """Returns these codes; from now on the others count as the same as this one."""
        today = datetime.now(UTC).date().isoformat()
        acceptance = Acceptance((*others, now), f"{self.in_words(now, others)}, on {today}")
        return replace(self, accepted=(*self.accepted, acceptance))


def _file_changes(before: Files, now: Files) -> str:
    names = sorted(name for name in {**before, **now} if before.get(name) != now.get(name))
    return ", ".join(
        f"{name} {'added' if name not in before else 'removed' if name not in now else 'changed'}" for name in names
    )


def _names_more(before: Files, now: Files) -> bool:
    """Whether a code is an earlier one of which only the Python files were recorded."""
    more = now.keys() - before.keys()
    return before.items() <= now.items() and all(map(_is_python, before)) and not any(map(_is_python, more))


def _is_python(name: str) -> bool:
    return name.endswith(".py")


def begin(codes: Codes, code: TaskCode, cells: Cells, *, accept: bool, study: str) -> Codes:
    """Returns the codes of a study that goes on with this code.

    Raises StoreError if other code made some of its cells, and the user does not accept that.
    """
    codes, now = codes.with_code(code), code.fingerprint
    others = codes.others(now, cells)
    if others and not accept:
        raise StoreError(
            f"study {study!r}: the task's code is not the one that made its cells: {codes.in_words(now, others)}\n"
            f"nothing was run; give {_ACCEPTABLE}, else raise the task's `version` and give the file another `name`"
        )
    return codes.accept(now, others) if others else codes


def join(codes: Codes, ours: Cells, theirs: Cells, *, accept: bool, path: str) -> Codes:
    """Returns the codes of a study that takes cells from a file.

    Raises StoreError if other code made them than the study's cells, or than each other, and the user does not accept.
    """
    known = [code for code in {**ours, **theirs} if code]
    now = known[0] if known else ""
    others = codes.others(now, {**theirs, **ours})
    if others and not accept:
        raise StoreError(
            f"{path}: not all cells were made by one code of the task: {codes.in_words(now, others)}\n"
            f"nothing was imported; give {_ACCEPTABLE}, else keep them apart: import the file into another --store"
        )
    return codes.accept(now, others) if others else codes


def code_notes(codes: Codes, code: TaskCode, cells: Cells) -> Iterator[str]:
    """Yields a line about what was changed since cells were run, and a line about each change that was accepted."""
    codes, now = codes.with_code(code), code.fingerprint
    if others := codes.others(now, cells):
        yield f"the task's code is not the one that made the cells: {codes.in_words(now, others)}; {_ASKS}"
    for acceptance in codes.accepted:
        yield f"accepted as the same code: {acceptance.text}"


_ASKS = "`study run` asks what to do"


def check_unedited(code: TaskCode, *, study: str) -> None:
    """Raise StoreError if the user edited the task while its study runs."""
    if names := code.edited():
        raise StoreError(f"{', '.join(names)}: edited while study {study!r} ran; nothing is lost: {_ASKS}")


def check_made_by(code: TaskCode, made: str, codes: Codes, *, study: str) -> None:
    """Raise StoreError if a trial's worker found other code of the task than the study began with."""
    if codes.differ(made, code.fingerprint):
        check_unedited(code, study=study)
        names = ", ".join(code.files)
        raise StoreError(
            f"study {study!r}: a worker found other code of the task ({names}) than this process; "
            "give every machine the same files, in the same folders"
        )


def check_model(codes: Codes, code: TaskCode, made: str, *, model: str) -> None:
    """Raise StoreError if a cell's model would be built by other code of the task than the cell's."""
    codes, now = codes.with_code(code), code.fingerprint
    if codes.differ(made, now):
        raise StoreError(
            f"{model}: the task's code is not the one that made this model: {codes.changes(made, now)} since; "
            "put it back, or accept it with `study run FILE --accept` if it changes no number"
        )


def codes_of_cells(results: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Returns the code of each cell by the cell's key, given the key, state and code of each result in order.

    A failed trial does not count: it will be run again, or its cell has no numbers.
    """
    codes: dict[str, str] = {}
    for key, state, code in results:
        if state == "failed":
            codes.pop(key, None)
        else:
            codes[key] = code
    return codes


def count_cells(codes: Mapping[str, str]) -> Cells:
    """Returns the number of cells by code, given the code of each cell."""
    return Counter(codes.values())
