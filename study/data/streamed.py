"""Data sets with a stream among their splits. They are made for each trial, and only counted beforehand."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from study.data.dataset import REQUEST, Dataset
from study.data.nest import Nest, count
from study.data.splits import POOL, MadeData
from study.data.stream import Stream, StreamError, StreamFacts, is_stream, read_stream, sum_of_hashes
from study.space.cell_key import digest

_OnProgress = Callable[[str, int, int], None]
_FACTS: dict[Path, Mapping[str, StreamFacts]] = {}
"""What this process knows of the streams that it has read."""


def streamed_dataset(
    made: MadeData,
    again: Callable[[], MadeData],
    *,
    folder: Path,
    about: Mapping[str, object],
    on_progress: _OnProgress,
) -> Dataset:
    """Returns the data set of data that were just made. Its folder does not exist.

    The first time in a process, each stream is read once. Because this may change what a stream yields next, the data
    are then made again. Raises StreamError if a stream cannot be used.
    """
    if folder not in _FACTS:
        streams = {split: given for split, given in made.splits.items() if is_stream(given)}
        _FACTS[folder] = {split: _facts(split, given, on_progress) for split, given in streams.items()}
        made = again()
    facts = _FACTS[folder]
    splits: dict[str, Any] = {
        split: Stream(given=given, facts=facts[split]) if split in facts else given
        for split, given in made.splits.items()
    }
    counts = {split: count(examples) for split, examples in splits.items()}
    fingerprint = digest({"counts": counts, "splits": dict(map(_fingerprint, splits.items()))})
    request = str(about.get(REQUEST, ""))
    return Dataset(fingerprint, folder, counts, splits, request, class_weight=made.class_weight, is_new=True)


def _facts(split: str, given: Any, on_progress: _OnProgress) -> StreamFacts:
    """Read a stream once. The pool is only counted, because what comes out of it depends on the seed."""
    try:
        return read_stream(given, fingerprint=split != POOL, on_batch=partial(_report, split, on_progress))
    except StreamError as problem:
        raise StreamError(f"{split!r} {problem}") from None


def _report(split: str, on_progress: _OnProgress, examples: int) -> None:
    on_progress(f"counting the examples of {split!r}, which is a stream", examples, 0)


def _fingerprint(split: tuple[str, Stream | tuple[Nest, ...]]) -> tuple[str, str]:
    """Returns a split's name, and what identifies its examples."""
    name, examples = split
    if isinstance(examples, Stream):
        return name, examples.facts.fingerprint
    return name, f"{sum_of_hashes(examples, count(examples)):x}"
