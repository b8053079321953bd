"""Sweeps and ablation studies of Keras models; the command is `study`, the modules are its parts."""

import sys

# `python -m study` searches the current folder first. A user's random.py there must not hide Python's own.
if sys.argv[:1] == ["-m"] and __path__ != [f"{sys.path[0]}/study"]:
    sys.path.append(sys.path.pop(0))
