"""What optuna-dashboard shows of a study: the names of its metrics, and its question as the study's note."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna

from study.space.search_space import SearchSpace

_VERSION, _PART = "dashboard:note_ver", "dashboard:note_str:"
"""Where optuna-dashboard keeps a study's note: how often it was saved, and its text in parts."""
_LONGEST_PART = 2045


def show_in_dashboard(study: optuna.Study, space: SearchSpace, *, before: SearchSpace) -> None:
    """Name the metrics of Optuna's study and write its note. Writes nothing if both are there.

    `before` is the definition until now. A note that is not of this definition was written by the user, and stays.
    """
    names = [objective.name for objective in space.objectives]
    if study.metric_names != names:
        with warnings.catch_warnings():  # It is called experimental since 2023.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.set_metric_names(names)
    # Optuna itself has no notes. optuna-dashboard writes them by these two names, too.
    storage, number = study._storage, study._study_id
    attributes = storage.get_study_system_attrs(number)
    there = _text(attributes)
    text = note(space)
    if there == text or there not in ("", note(before)):
        return
    for place in range(0, max(len(there), len(text)), _LONGEST_PART):
        part = text[place : place + _LONGEST_PART]
        storage.set_study_system_attr(number, f"{_PART}{place // _LONGEST_PART}", part)
    storage.set_study_system_attr(number, _VERSION, attributes.get(_VERSION, 0) + 1)


def note(space: SearchSpace) -> str:
    """Returns the note of a study, as Markdown."""
    question = space.description or f"The study {space.name}."
    return (
        f"{question}\n\n"
        f"A trial here is one seed of a point, so the best trial is a lucky one: `study effects {space.name}` compares "
        f"means over seeds. Delete nothing here: `study run` must find every trial."
    )


def _text(attributes: Mapping[str, Any]) -> str:
    parts = sorted((int(name.removeprefix(_PART)), part) for name, part in attributes.items() if name.startswith(_PART))
    return "".join(part for _, part in parts)
