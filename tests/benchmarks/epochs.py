"""How fast a model trains and is validated beside Keras's own loops, and what a trial spends on anything else."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from study.engines.engine import Finished
from study.engines.local import LocalEngine
from study.space.toml_file import read
from study.space.trial import TrialResult
from study.task import Examples
from study.training.compiled_pass import make_pass
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.conftest import ROOT

WIDTHS, BATCHES = (8, 16, 32, 64), (32, 128)
WORK = ("train", "validate", "compile")
_VALIDATION = 2_000


@dataclass(frozen=True)
class Speed:
    """Milliseconds an image by Keras's own loop and by a compiled pass, medians of rounds that took turns."""

    depth: int
    width: int
    batch: int
    threads: int
    keras: float
    ours: float
    ratio: float
    """How many times as fast ours is: the median of the rounds' own ratios."""


@dataclass(frozen=True)
class Share:
    """Where the seconds of a trial went."""

    point: str
    laps: Mapping[str, float]

    @property
    def outside(self) -> float:
        """Per cent on neither training, validation nor compiling; imports, which a worker does once, left out."""
        seconds = sum(self.laps.values()) - self.laps["import"]
        return 100 * (1 - sum(self.laps[lap] for lap in WORK) / seconds)


def training(
    threads: int,
    *,
    depth: int = 2,
    widths: Sequence[int] = WIDTHS,
    batches: Sequence[int] = BATCHES,
    rounds: int = 5,
) -> Iterator[Speed]:
    """Training against the article's way: six outputs, one-hot float32 arrays, `fit`."""
    yield from _speeds(("article", "train"), threads, depth, [(w, b) for w in widths for b in batches], rounds)


def validation(threads: int, *, depth: int = 2, widths: Sequence[int] = WIDTHS, rounds: int = 5) -> Iterator[Speed]:
    """A validation pass against `evaluate` of the same model on float32 arrays."""
    yield from _speeds(("evaluate", "validate"), threads, depth, [(width, 256) for width in widths], rounds)


def bytes_an_image() -> float:
    """Bytes that an image of the built-in task, its targets left out, takes on the device."""
    images = 1_000
    through: Any = make_pass(_model(2, 8, 32), _examples(images), batch=32, training=True)
    inputs, _, _ = next(through.parts(np.arange(images)))
    return float(np.asarray(inputs).nbytes / images)


def shares(threads: int = 1) -> Iterator[Share]:
    """Trials of the quick study one after the other in one worker; the first one also imports."""
    space = read(ROOT / "search_spaces" / "qr_quick.toml")
    engine = LocalEngine(TRAIN, environment=worker_environment(threads))
    with closing(engine), tempfile.TemporaryDirectory() as folder:
        for number, point in enumerate(({}, {}, {"width": 8})):
            config = space.config(point, seed=number)
            engine.submit(number, config, Path(folder) / str(number))
            done = _finish(engine, number)
            if done.state != "complete":
                raise RuntimeError(f"{done.reason}\n{done.traceback}")
            yield Share(config.delta(space.config({}, seed=0)), done.timing)


def _finish(engine: LocalEngine, number: int) -> TrialResult:
    while True:
        for message in engine.messages():
            if isinstance(message, Finished):
                return message.result
            engine.answer(number, go_on=True)


def _speeds(
    ways: tuple[str, str], threads: int, depth: int, cells: Sequence[tuple[int, int]], rounds: int
) -> Iterator[Speed]:
    """Each way in a process of its own, for ours asks TensorFlow to repeat itself, which costs; they take turns."""
    with _worker(threads) as first, _worker(threads) as second:
        for width, batch in cells:
            turns = list(zip((first, second), ways, strict=True))
            times = [
                [pool.submit(_time, way, depth, width, batch).result() for pool, way in turns]
                for _ in range(1 + rounds)
            ]
            theirs, ours = zip(*times[1:], strict=True)  # The first round compiles.
            ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
            yield Speed(depth, width, batch, threads, *map(statistics.median, (theirs, ours, ratios)))


def _worker(threads: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), _set_threads, (threads,))


def _set_threads(threads: int) -> None:
    os.environ.update(worker_environment(threads))


def _time(way: str, depth: int, width: int, batch: int) -> float:
    """Milliseconds an image of one more pass."""
    run, images = _WAYS[way](depth, width, batch)
    begin = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - begin) / images


Run = tuple[Callable[[], object], int]
"""A pass, and over how many images it goes."""


@cache
def _article(depth: int, width: int, batch: int) -> Run:
    import keras

    one, images = _model(depth, width, batch), _images(width)
    model = keras.Model(one.input, [one.get_layer(f"digit_{place}").output for place in range(1, 7)])
    model.compile("adam", "categorical_crossentropy", metrics=["acc"] * 6)
    inputs, targets = (array.astype("float32") for array in _examples(images))
    heads = [np.ascontiguousarray(targets[:, :, place : place + 1]) for place in range(6)]
    return lambda: model.fit(inputs, heads, batch_size=batch, verbose=0), images


@cache
def _train(depth: int, width: int, batch: int) -> Run:
    from study.training.environment import prepare_worker

    prepare_worker()
    images = _images(width)
    through = make_pass(_model(depth, width, batch), _examples(images), batch=batch, training=True)
    return lambda: through(np.random.default_rng(0).permutation(images)), images


@cache
def _evaluate(depth: int, width: int, batch: int) -> Run:
    model, (inputs, targets) = _model(depth, width, batch), _examples(_VALIDATION)
    floats = inputs.astype("float32"), targets.astype("float32")
    return lambda: model.evaluate(*floats, batch_size=batch, verbose=0), _VALIDATION


@cache
def _validate(depth: int, width: int, batch: int) -> Run:
    from study.training.environment import prepare_worker

    prepare_worker()
    through = make_pass(_model(depth, width, batch), _examples(_VALIDATION), batch=batch, training=False)
    return lambda: through(np.arange(_VALIDATION)), _VALIDATION


_WAYS = {"article": _article, "train": _train, "evaluate": _evaluate, "validate": _validate}


def _images(width: int) -> int:
    """Enough for a pass of a second or so, and for what `fit` costs however long it is not to count."""
    return 32_768 // width


def _examples(images: int) -> Examples:
    """Noise in the shape of codes and digits: what a step costs does not depend on what it sees."""
    chance = np.random.default_rng(0)
    digits = np.eye(10, dtype=bool)[chance.integers(0, 10, (images, 1, 6))]
    return chance.integers(0, 2, (images, 21, 21, 1)).astype(bool), digits


def _model(depth: int, width: int, batch: int) -> Any:
    from study.tasks.qr_digits import task

    defaults = {name: setting.default for name, setting in task.settings.items()}
    return task.build({**defaults, "conv_depth": depth, "width": width, "batch_size": batch}, steps=1_000)
