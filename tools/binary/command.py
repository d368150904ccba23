"""The entry of the one-folder binary: which of the three commands it is, its own file name says."""

from __future__ import annotations

import sys
from importlib import import_module
from multiprocessing import freeze_support
from pathlib import Path

COMMANDS = ("mockcraft", "hfit", "hfitd")

if __name__ == "__main__":
    # A process that multiprocessing starts is this program once more; here it turns aside and does its work.
    freeze_support()
    name = Path(sys.executable).stem.lower()
    import_module(f"hotfixture.cli.{name if name in COMMANDS else 'mockcraft'}").main()
