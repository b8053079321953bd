"""A clock that jumps by up to a year forwards or backwards, or to 1970."""

import datetime
import random
import sys
import time
from typing import Any

_DAY = 86_400


def shake() -> None:
    """Make the clock of this process jump each time that it is read, by Python or by Optuna's trials."""
    chance, true = random.Random(0), time.time

    def now() -> float:
        return chance.choice((true() + chance.uniform(-365, 365) * _DAY, chance.uniform(0, 10)))

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.fromtimestamp(now(), tz)

    import optuna  # noqa: F401  Its modules import the class under a name, which is replaced below.

    time.time = now
    for name, module in sys.modules.items():
        if name.startswith("optuna.") and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Jumping  # type: ignore[attr-defined]
