"""Compares the speed of training and validation with Keras's own loops, and measures all other time of a trial."""

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
    """Milliseconds for an image in Keras's own loop and in a compiled pass: medians of rounds, measured in turns."""

    depth: int
    width: int
    batch: int
    threads: int
    keras: float
    ours: float
    ratio: float
    """How many times as fast our pass is: the median of the ratio in each round."""


@dataclass(frozen=True)
class Share:
    """How a trial spent its time: seconds by purpose."""

    point: str
    laps: Mapping[str, float]

    @property
    def outside(self) -> float:
        """Returns the percentage of time outside training, validation and compiling.

        Imports are left out, because a worker imports only once.
        """
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
    """Compare a training pass with the article's way: six outputs, one-hot float32 arrays, `fit`."""
    yield from _speeds(("article", "train"), threads, depth, [(w, b) for w in widths for b in batches], rounds)


def validation(threads: int, *, depth: int = 2, widths: Sequence[int] = WIDTHS, rounds: int = 5) -> Iterator[Speed]:
    """Compare a validation pass with `evaluate` of the same model on float32 arrays."""
    yield from _speeds(("evaluate", "validate"), threads, depth, [(width, 256) for width in widths], rounds)


def bytes_an_image() -> float:
    """Returns how many bytes an image of the built-in task takes on the device, without its targets."""
    images = 1_000
    through: Any = make_pass(_model(2, 8, 32), _examples(images), batch=32, training=True)
    inputs, _, _ = next(through.parts(np.arange(images)))
    return float(np.asarray(inputs).nbytes / images)


def shares(threads: int = 1) -> Iterator[Share]:
    """Run trials of the quick study one after another in one worker. The first trial also imports."""
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
    """Measure both ways in turns, each in its own process.

    Our way makes TensorFlow repeatable, which costs time, and must not slow the other way.
    """
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
    """Run one more pass. Returns the milliseconds for each image."""
    run, images = _WAYS[way](depth, width, batch)
    begin = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - begin) / images


Run = tuple[Callable[[], object], int]
"""A pass, and the number of its images."""


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
    """Returns enough images for a pass of about a second, so that the fixed cost of `fit` hardly counts."""
    return 32_768 // width


def _examples(images: int) -> Examples:
    """Returns noise in the shape of codes and digits, because the cost of a step does not depend on its values."""
    chance = np.random.default_rng(0)
    digits = np.eye(10, dtype=bool)[chance.integers(0, 10, (images, 1, 6))]
    return chance.integers(0, 2, (images, 21, 21, 1)).astype(bool), digits


def _model(depth: int, width: int, batch: int) -> Any:
    from study.tasks.qr_digits import task

    defaults = {name: setting.default for name, setting in task.settings.items()}
    return task.build({**defaults, "conv_depth": depth, "width": width, "batch_size": batch}, steps=1_000)
