"""The file in which Optuna keeps a study: mended, opened, made, and held against what is asked for now.

A Journal file costs, with one writer, a tenth of SQLite's time a trial, and cannot be contended.
"""

from collections.abc import Iterator
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from study import search
from study.errors import StoreError
from study.space import SearchSpace
from study.store import JOURNAL
from study.task import same

optuna.logging.set_verbosity(optuna.logging.WARNING)


def load(folder: Path, *, pruner: optuna.pruners.BasePruner | None = None) -> optuna.Study | None:
    """The study of a folder; None where there is none yet, or only the beginning of one."""
    journal = folder / JOURNAL
    if not journal.is_file():
        return None
    try:
        storage = _storage(journal)
    except Exception as error:  # Optuna does not say what a line may raise that is none of its own.
        raise StoreError(f"{journal}: cannot be read: {type(error).__name__}: {error}") from error
    for name in optuna.get_all_study_names(storage):  # There is one; its folder may have been renamed.
        study = optuna.load_study(study_name=name, storage=storage, sampler=_NEVER, pruner=pruner)
        if {"threads", "space"} <= study.user_attrs.keys():
            return study
    return None


def begin(folder: Path, space: SearchSpace, *, threads: int | None) -> optuna.Study:
    """The study as its only writer needs it: the one that is there, or a new one.

    One without results may still become another. Raises StoreError where there are some and they do not fit.
    """
    _mend(folder / JOURNAL)
    study = load(folder, pruner=search.pruner(space))
    if study is None:
        return _make(folder, space, threads or 1)
    if changes := list(_changes(study, space, threads)):
        if any("result" in trial.user_attrs for trial in study.get_trials(deepcopy=False)):
            there = f"study {space.name!r} has results, and what is asked now differs from how they were made:"
            raise StoreError("\n  ".join([there, *changes]) + "\nundo that, or give the file another `name`")
        return _make(folder, space, threads or study.user_attrs["threads"])
    if study.user_attrs["space"] != (now := space.to_json()):
        study.set_user_attr("space", now)
    return study


def _make(folder: Path, space: SearchSpace, threads: int) -> optuna.Study:
    (folder / JOURNAL).unlink(missing_ok=True)
    study = optuna.create_study(
        study_name=folder.name,
        storage=_storage(folder / JOURNAL),
        direction=space.objective.direction,
        sampler=_NEVER,
        pruner=search.pruner(space),
    )
    study.set_user_attr("threads", threads)
    study.set_user_attr("space", space.to_json())
    return study


def _storage(journal: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(journal)))


_NEVER = optuna.samplers.RandomSampler()
"""The storage's study is told its points; where a sampler is wanted, it draws in a study of its own."""


def _mend(journal: Path) -> None:
    """Cut off a last line that a dying launcher wrote in part: it would make every later load fail."""
    # Whoever owns the study is the only writer there can be, so a lock on the journal is a dead launcher's.
    journal.with_name(f"{journal.name}.lock").unlink(missing_ok=True)
    if journal.is_file():
        with journal.open("r+b") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)


def _changes(study: optuna.Study, space: SearchSpace, threads: int | None) -> Iterator[str]:
    """What is asked now and would make other results than the study's, a line each."""
    before, kept = SearchSpace.from_json(study.user_attrs["space"]), study.user_attrs["threads"]
    old, new = _fixed(before), _fixed(space)
    # A setting that only one of them knows was added to the task, or removed: at its default it changes nothing.
    defaults = {
        f"{kind}.{name}": level
        for kind in ("baseline", "default")
        for name, level in {**before.defaults, **space.defaults}.items()
    }
    for key in {**old, **new}:
        was, now = (every.get(key, defaults.get(key, "not given")) for every in (old, new))
        if not same(was, now):
            yield f"{key}: {was} -> {now}"
    if threads not in (None, kept):
        yield f"threads: {kept} -> {threads} (they change the last bits; without --threads a study keeps its own)"


def _fixed(space: SearchSpace) -> dict[str, bool | int | float | str]:
    """All that a result depends on, but for the levels of its factors and its seed."""
    design = space.design
    sampled = {"sampler": design.sampler, "pruner": design.pruner, "seed": design.seed}
    return {
        "task": space.task,
        "task version": space.task_version,
        **{f"default.{name}": level for name, level in space.defaults.items()},
        **{f"baseline.{name}": level for name, level in space.baseline.items()},
        **{f"fidelity.{name}": number for name, number in vars(space.fidelity).items()},
        "objective.metric": space.objective.metric,
        "objective.direction": space.objective.direction,
        "vary": ", ".join(sorted(space.vary)),
        "design.kind": "sweep" if design.kind == "sweep" else "no sweep",
        **{f"design.{name}": value for name, value in sampled.items() if design.kind == "sweep"},
    }
