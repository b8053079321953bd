"""Attaches data sets from the cache: each is made once, shared by every process, and never written again."""

import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
from filelock import FileLock

from study.data import dataset
from study.data.cache_folder import DAMAGED, acquired, drafts, lock_file, remove, usable
from study.data.dataset import DamageError, Dataset
from study.data.splits import MadeData, SplitsError, checked_data
from study.data.stream import StreamError
from study.data.streamed import streamed_dataset
from study.errors import DataError
from study.files import cache_folder
from study.space import task_call
from study.space.cell_key import digest
from study.space.task_code import TaskCode
from study.space.user_line import line_of
from study.task import Level, Progress, Settings, Task, packages, same

OnProgress = Callable[[str, int, int], None]
"""Called with a text about the current work, how much is done, and the total. Both numbers are 0 if unknown."""

_SEED = 0
"""Of what a task draws without a seed of its own while it makes data."""


def attach(task: Task, settings: Settings, *, code: TaskCode, on_progress: OnProgress) -> Dataset:
    """Returns the data set of a task with this code at these settings, from the cache if it is there.

    If it is not there, one process makes it while the others wait. A damaged data set is set aside and made again.
    Data with a stream are made for each trial, because they cannot be stored.
    Raises DataError if the cache cannot be used, or if the task's data break the rules of `Splits`.
    """
    data_settings = _data_settings(task, settings)
    about = _about(task, data_settings, code)
    folder = cache_folder() / entry_name(task, settings, code=code)
    with suppress(DamageError), usable(folder.parent):  # Read without a lock, because the disk may be read-only.
        return dataset.read(folder, about=about)
    with _locked(folder, on_progress):
        try:
            return dataset.read(folder, about=about)
        except DamageError as damage:
            what = "making data"
            if folder.exists():
                what += f" again, because the cache's are damaged ({damage}): set aside as {_set_aside(folder)}"
            on_progress(what, 0, 0)
            made = _make(folder, task, data_settings, about=about, progress=partial(on_progress, what))
            if not made.streamed:
                return replace(dataset.read(folder, about=about), is_new=True)
    try:
        again = partial(_made, task, data_settings, lambda done, of: None)
        return streamed_dataset(made, again, folder=folder, about=about, on_progress=on_progress)
    except StreamError as problem:
        raise _unusable(task, problem) from None


def make_again(task: Task, settings: Settings, *, code: TaskCode, folder: Path, on_progress: OnProgress) -> Dataset:
    """Make a data set in another folder than the cache. Raises DataError if it breaks the rules of `Splits`."""
    data_settings = _data_settings(task, settings)
    about = _about(task, data_settings, code)
    place, progress = folder / entry_name(task, settings, code=code), partial(on_progress, "making data again")
    progress(0, 0)
    _make(place, task, data_settings, about=about, progress=progress)
    return dataset.read(place, about=about)


def entry_name(task: Task, settings: Settings, *, code: TaskCode) -> str:
    """Returns the name of the folder of the data set of a task with this code at these settings."""
    return f"{task.name}-{digest(_about(task, _data_settings(task, settings), code))[:16]}"


class _DataSettings(dict[str, Level]):
    """The settings that a task may read while it makes data.

    Reading another setting raises DataError. Else data that depend on it would be stored under the name of other data.
    """

    def __missing__(self, name: str) -> NoReturn:
        raise DataError(f"the task's data depend on {name!r}, which is not a setting of the data; give it part='data'")


def _data_settings(task: Task, settings: Settings) -> _DataSettings:
    parts = task.settings.items()
    return _DataSettings({name: settings.get(name, s.default) for name, s in parts if s.part == "data"})


def _about(task: Task, data_settings: Settings, code: TaskCode) -> dict[str, object]:
    """Returns everything that decides a data set.

    The version of a built-in task stands for its code. A setting at its default is left out, so that a new setting of
    the task does not change the names of older data sets. For a user's task the code counts. Its place counts too,
    because the code may read files beside it.
    """
    changed = {name: value for name, value in data_settings.items() if not same(value, task.settings[name].default)}
    request: dict[str, object] = {"task": task.name, "version": task.version, "settings": changed}
    if not code.data:
        return request
    made_by = {"settings": dict(data_settings), "code": code.data, "place": code.place}
    return {**request, **made_by, dataset.REQUEST: f"{task.name}-{digest(request)[:16]}"}


@contextmanager
def _locked(folder: Path, on_progress: OnProgress) -> Iterator[None]:
    """Be the only process that makes this data set. If the process dies, the system releases the lock."""
    with usable(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        path = lock_file(folder)
        path.touch()  # Else FileLock would take some read-only folders for busy ones, and wait for ever.
        lock = FileLock(path)
        while not acquired(lock):  # The message is repeated, so that nobody thinks that a waiting trial hangs.
            on_progress("waiting for data that another process makes", 0, 0)
    try:
        yield
    finally:
        lock.release()


def _seed() -> None:
    """Seed the generators of this process, so that a task that draws from them makes the same data each time."""
    random.seed(_SEED)
    np.random.seed(_SEED)
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(_SEED)


def _make(
    folder: Path, task: Task, data_settings: Settings, *, about: Mapping[str, object], progress: Progress
) -> MadeData:
    """Make a data set in a draft folder, then rename the draft to `folder`. The caller must hold the lock.

    If there is a stream among the data, nothing is written.
    """
    started = time.monotonic()
    with usable(folder.parent):
        remove(*drafts(folder))  # This process holds the lock, so no other process still uses a draft.
        draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
        draft.mkdir()
    try:
        made = _made(task, data_settings, progress)
        if made.streamed:
            return made
        with usable(folder.parent):
            weights = made.class_weight
            dataset.write(draft, made.splits, about, started=started, packages=packages(task), class_weight=weights)
            draft.rename(folder)
    finally:
        remove(draft)
    return made


def _made(task: Task, data_settings: Settings, progress: Progress) -> MadeData:
    task_call.load(task)
    _seed()
    try:
        return checked_data(task_call.call(task, "data", data_settings, progress=lambda: progress))
    except SplitsError as problem:
        raise _unusable(task, problem) from None


def _unusable(task: Task, problem: Exception) -> DataError:
    place = f"{line_of(task, 'data')}: data() of task {task.name!r}"
    return DataError(f"{place} made data that cannot be used: {problem}")


def _set_aside(folder: Path) -> Path:
    """Move a damaged data set out of the way, so that its damage can be studied. Returns its new folder."""
    with usable(folder.parent):
        aside = folder.parent / DAMAGED / f"{folder.name}-{uuid.uuid4().hex[:8]}"
        aside.parent.mkdir(exist_ok=True)
        return folder.rename(aside)
