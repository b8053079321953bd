"""`python -m study` is the command `study`."""

import sys

from study.cli import main

sys.exit(main())
