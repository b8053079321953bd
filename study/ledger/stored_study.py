"""A study as it is stored, parsed once into a value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import optuna

from study.errors import StoreError
from study.ledger.codes import Cells, Codes, begin, codes_of_cells, count_cells
from study.space.revision import changes, refusal, revision, thread_changes
from study.space.search_space import SearchSpace
from study.space.task_code import TaskCode

ATTRIBUTES = frozenset({"id", "threads", "space"})
"""Attributes that every complete study has."""


@dataclass(frozen=True)
class StoredStudy:
    """A study as it is stored: its definition, its threads, its revisions, and the number of its results."""

    id: str
    threads: int
    space: SearchSpace
    definition: Mapping[str, Any]
    """The search space as JSON, exactly as it is stored."""
    revisions: tuple[str, ...]
    results: int
    forgiven: int
    """Failures of trials with a smaller number do not count."""
    codes: Codes
    code_of_cell: Mapping[str, str]
    """The code of each cell that is over, by the cell's key."""

    @property
    def cells(self) -> Cells:
        """How many cells each code made."""
        return count_cells(self.code_of_cell)

    @classmethod
    def of(cls, study: optuna.Study) -> "StoredStudy":
        """Parse the attributes of Optuna's study."""
        attributes = study.user_attrs  # Optuna copies all of them at each access.
        trials = [trial.user_attrs for trial in study.get_trials(deepcopy=False) if "result" in trial.user_attrs]
        return cls(
            id=str(attributes["id"]),
            threads=int(attributes["threads"]),
            space=SearchSpace.from_json(attributes["space"]),
            definition=attributes["space"],
            revisions=tuple(attributes.get("revisions", ())),
            results=len(trials),
            forgiven=attributes.get("forgiven", 0),
            codes=Codes.from_json(attributes.get("codes", {})),
            code_of_cell=codes_of_cells(
                (one["cell"]["key"], one["result"]["state"], one["result"].get("code", "")) for one in trials
            ),
        )

    def accepts(self, space: SearchSpace, *, threads: int | None = None) -> bool:
        """Whether results of this space and this number of threads belong to the study.

        Raises StoreError if they do not belong to it and it has results already.
        """
        differences = [*changes(self.space, space), *thread_changes(self.threads, threads)]
        if differences and self.results:
            raise StoreError(refusal(space.name, differences))
        return not differences

    def with_code(self, code: TaskCode, *, accept: bool) -> "StoredStudy":
        """Returns the study as it goes on with this code of its task.

        Raises StoreError if other code made some of its cells, and the user does not accept that.
        """
        codes = begin(self.codes, code, self.cells, accept=accept, study=self.space.name)
        return replace(self, codes=codes)

    def revised(self, space: SearchSpace) -> "StoredStudy":
        """Returns the study with this definition. A change that decides conclusions is added to its revisions."""
        new = "" if self.space == space else revision(self.space, space, results=self.results)
        revisions = (*self.revisions, new) if new and new not in self.revisions else self.revisions
        return replace(self, space=space, definition=space.to_json(), revisions=revisions)
