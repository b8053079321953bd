"""Keras on PyTorch."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import torch

from study.data.dataset import StoredExamples
from study.data.nest import leaves, with_leaves
from study.data.stored_array import StoredArray
from study.data.windows import Windows
from study.training.backends import torch_flops
from study.training.backends.backend import BatchLoop, ToStep, host_memory


def prepare(*, threads: int) -> None:
    """Make sure that the numbers of this process depend on seeds alone."""
    torch.set_num_threads(threads)
    # One thread adds in a fixed order. Several threads, or a GPU, do so only with PyTorch's slower kernels.
    if threads > 1 or torch.cuda.is_available():
        torch.use_deterministic_algorithms(True)


def device() -> str:
    """Returns the name of the device that computes."""
    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else "cpu"


def version() -> str:
    """Returns the version of PyTorch."""
    return str(torch.__version__)


def device_memory() -> int:
    """Returns the bytes of a GPU's memory, or of this machine's if there is no GPU."""
    return int(torch.cuda.get_device_properties(0).total_memory) if torch.cuda.is_available() else host_memory()


def compile_loop(
    model: keras.Model,
    examples: StoredExamples,
    *,
    to_step: ToStep,
    batch: int,
    training: bool,
) -> BatchLoop:
    """Returns a loop that runs operation by operation, as Keras's own does, unless the model is to be compiled."""
    if training:
        model.make_train_function()
    else:
        model.make_test_function()
    step = model.train_function if training else model.test_function

    def batches(arrays: list[Any], rows: np.ndarray) -> Iterator[StoredExamples]:
        tensors = [keras.ops.convert_to_tensor(array) for array in arrays]
        order = keras.ops.convert_to_tensor(rows)
        for start in range(0, len(rows), batch):
            chosen = order[start : start + batch]
            pairs = zip(leaves(examples), tensors, strict=True)
            yield to_step(with_leaves(examples, [_rows(*pair, chosen) for pair in pairs]))

    def loop(arrays: list[Any], rows: np.ndarray, *, compile_only: bool = False) -> None:
        if compile_only:  # PyTorch compiles nothing before it has a batch.
            return
        model.train(training)  # Layers of PyTorch's own ask for this.
        for data in batches(arrays, rows):
            step([data])
        model.eval()

    return loop


def _rows(stored: StoredArray, tensor: Any, rows: Any) -> Any:
    """Returns rows of an array on the device. A window is put together from the blocks of its series."""
    if not isinstance(stored, Windows):
        return tensor[rows]
    offsets = keras.ops.convert_to_tensor(stored.offsets)
    return tensor[rows[:, None] * stored.step + offsets].reshape(-1, *stored.shape[1:])


def forward_flops(model: keras.Model, inputs: Any) -> int:
    """Count the operations of a built model's forward pass on these inputs. Raises UnknownFlopsError."""
    return torch_flops.forward_flops(lambda batch: model(batch, training=False), inputs)
