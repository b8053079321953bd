"""One figure a module: `python -m analysis.NAME` draws it. Statistics are computed in `study.inference`, not here."""

import sys

# `python -m analysis` searches the current folder first. A user's random.py there must not hide Python's own.
if sys.argv[:1] == ["-m"] and __path__ != [f"{sys.path[0]}/analysis"]:
    sys.path.append(sys.path.pop(0))
