"""The built-in task: read the number in a QR code. With its defaults it is the complete published experiment."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from study.task import PRECISIONS, Examples, Fidelity, Progress, Setting, Settings, Splits
from study.tasks.qr_digits.limits import DOWNSAMPLED, MOST_SEEDS, SIZES
from study.tasks.qr_digits.version_1 import CAPACITY, SIZE

# Methods import `codes` and `model`, because checking a search space must load neither NumPy nor Keras.
if TYPE_CHECKING:
    import keras
    import numpy as np

SETTINGS: Mapping[str, Setting] = {
    # The data: the numbers, their codes, and the damage.
    "digits": Setting(6, low=1, high=max(CAPACITY.values()), part="data"),
    "error_correction": Setting("H", choices=tuple(CAPACITY), part="data"),
    "mask": Setting("library", choices=("library", *range(8)), part="data"),
    "damage": Setting(0.0, low=0, high=0.5, part="data"),  # At 0.5 every module is random.
    "data_seed": Setting(0, low=0, high=MOST_SEEDS - 1, part="data"),
    # The model.
    "trunk": Setting("conv", choices=("conv", "dense")),
    "conv_depth": Setting(7, low=1, high=12),
    "width": Setting(256, low=1, high=4096),
    "wide_layers": Setting(2, low=0, high=12),
    "wide_factor": Setting(2, low=1, high=16),
    "kernel_size": Setting(3, low=1, high=SIZE),
    "pooling": Setting("global_max", choices=("global_max", "global_average", "flatten")),
    "downsampling": Setting("none", choices=("none", "max_2x2", "average_2x2", "stride")),
    "batch_norm": Setting(True),
    "activation": Setting("relu", choices=("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "linear")),
    "dropout": Setting(0.0, low=0, high=0.95),  # It acts before the heads.
    "coordinates": Setting(False),
    # The training. The training loop reads `batch_size` and `precision`.
    "optimizer": Setting("adam", choices=("adam", "adamw", "nadam", "rmsprop", "sgd"), part="training"),
    "learning_rate": Setting(1e-3, low=1e-8, high=10, part="training"),
    "weight_decay": Setting(0.004, low=0, high=1, part="training", only={"optimizer": ("adamw",)}),
    "schedule": Setting("constant", choices=("constant", "cosine"), part="training"),
    "batch_size": Setting(128, low=1, high=SIZES["pool"], part="training"),
    "batch_norm_momentum": Setting(0.99, low=0, high=0.9999, part="training"),
    "precision": Setting("float32", choices=PRECISIONS, part="training"),
}


METRIC_GROUPS: Mapping[str, str] = {"digit": r"val_digit_(\d+)_acc"}
"""The share of correctly read digits at each position in the number. The first position is 1."""


class QrDigits:
    """Read the number in a version 1 QR code, digit by digit."""

    name = "qr_digits"
    version = 1
    settings = SETTINGS
    packages = ("qrcode",)
    metric_groups = METRIC_GROUPS
    scores_by_chance: Mapping[str, float] = {"acc": 0.1, "val_acc": 0.1}
    fidelity = Fidelity(epochs=30, train_examples=SIZES["pool"], validation_examples=SIZES["validation"])

    def problems(self, settings: Settings) -> Sequence[str]:
        """Returns why these settings are impossible: numbers do not fit or are too few, or a setting has no effect."""
        problems = (_too_long(settings), _too_few(settings), _no_map(settings), _no_decay(settings))
        return [problem for problem in problems if problem]

    def data(self, settings: Settings, progress: Progress) -> Splits:
        """Make 50,000 different numbers: first 30,000 for the pool, then 10,000 each for validation and test."""
        from study.tasks.qr_digits import codes

        return codes.make_splits(settings, sizes=SIZES, progress=progress)

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """Build the network. With the defaults it is the article's, with 5,940,796 parameters."""
        from study.tasks.qr_digits import model

        return model.build(settings, steps=steps)

    def fresh(self, settings: Settings, *, count: int, seed: int) -> Examples:
        """Make codes of numbers that are in no split. The article checks its network in this way."""
        from study.tasks.qr_digits import codes

        return codes.fresh(settings, count=count, seed=seed)

    def text(self, target: "np.ndarray") -> str:
        """Returns the digits of a target, or of a network's answer: (1, digits, 10)."""
        return "".join(map(str, target.argmax(-1).ravel().tolist()))


def _too_long(settings: Settings) -> str | None:
    digits, level = int(settings["digits"]), str(settings["error_correction"])
    if digits <= CAPACITY[level]:
        return None
    room = ", ".join(f"{level}: {most}" for level, most in CAPACITY.items())
    return f"digits = {digits} does not fit a version 1 code at error_correction = {level!r}; at most {room}"


def _too_few(settings: Settings) -> str | None:
    digits, needed = int(settings["digits"]), sum(SIZES.values())
    if 10**digits >= needed:
        return None
    least = len(str(needed - 1))
    return f"digits = {digits} gives {10**digits:,} numbers, and the three sets need {needed:,}; take at least {least}"


def _no_map(settings: Settings) -> str | None:
    kind, first = settings["downsampling"], DOWNSAMPLED[0]
    if kind == "none":
        return None
    if settings["trunk"] == "dense":
        return f"downsampling = {kind!r} needs a map, and trunk = 'dense' has none; take downsampling = 'none'"
    if int(settings["conv_depth"]) < first:
        return f"downsampling = {kind!r} comes after convolution {first}; take a conv_depth of at least {first}"
    return None


def _no_decay(settings: Settings) -> str | None:
    if settings["optimizer"] == "adamw" or settings["weight_decay"] == SETTINGS["weight_decay"].default:
        return None
    return f"weight_decay has an effect only with optimizer = 'adamw', not with {settings['optimizer']!r}"


task = QrDigits()
