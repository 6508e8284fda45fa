"""Run the command line as ``python -P -m pipelines``."""

import os
import sys

# Without -P Python looks for every module in the current folder first, where a supplier's files may lie.
if not sys.flags.safe_path and os.path.realpath(sys.path[0]) != os.path.dirname(
    os.path.dirname(os.path.realpath(__file__))
):
    del sys.path[0]

from pipelines.command_line import main

main()
