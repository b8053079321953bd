"""A clock that jumps: by a year forth and back, and now and then to 1970."""

import datetime
import random
import sys
import time
from typing import Any

_DAY = 86_400


def shake() -> None:
    """Have the clock of this process jump at every look at it, by Python as by Optuna's trials."""
    chance, true = random.Random(0), time.time

    def now() -> float:
        return chance.choice((true() + chance.uniform(-365, 365) * _DAY, chance.uniform(0, 10)))

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.fromtimestamp(now(), tz)

    import optuna  # noqa: F401  Its modules keep the class under a name of their own.

    time.time = now
    for name, module in sys.modules.items():
        if name.startswith("optuna.") and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Jumping  # type: ignore[attr-defined]
