"""Makes the drivers in tests/faults importable from here."""
import pathlib
import sys

FAULTS = pathlib.Path(__file__).resolve().parent.parent / "faults"
sys.path.insert(1, str(FAULTS))
