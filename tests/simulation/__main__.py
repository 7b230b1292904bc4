"""The simulator's command line."""

import sys

from tests.simulation.cli import main

sys.exit(main())
