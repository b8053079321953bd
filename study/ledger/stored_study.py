"""A study as it is stored, parsed once into a value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import optuna

from study.errors import StoreError
from study.space.revision import changes, refusal, revision, thread_changes
from study.space.search_space import SearchSpace

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

    @classmethod
    def of(cls, study: optuna.Study) -> "StoredStudy":
        """Parse the attributes of Optuna's study."""
        attributes = study.user_attrs  # Optuna copies all of them at each access.
        return cls(
            id=str(attributes["id"]),
            threads=int(attributes["threads"]),
            space=SearchSpace.from_json(attributes["space"]),
            definition=attributes["space"],
            revisions=tuple(attributes.get("revisions", ())),
            results=sum("result" in trial.user_attrs for trial in study.get_trials(deepcopy=False)),
            forgiven=attributes.get("forgiven", 0),
        )

    def accepts(self, space: SearchSpace, *, threads: int | None = None) -> bool:
        """Whether results of this space and this number of threads belong to the study.

        Raises StoreError if they do not belong to it and it has results already.
        """
        differences = [*changes(self.space, space), *thread_changes(self.threads, threads)]
        if differences and self.results:
            raise StoreError(refusal(space.name, differences))
        return not differences

    def revised(self, space: SearchSpace) -> "StoredStudy":
        """Returns the study with this definition. A change that decides conclusions is added to its revisions."""
        new = "" if self.space == space else revision(self.space, space, results=self.results)
        revisions = (*self.revisions, new) if new and new not in self.revisions else self.revisions
        return replace(self, space=space, definition=space.to_json(), revisions=revisions)
