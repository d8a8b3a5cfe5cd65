"""A real ffd for each test that asks for one."""
import pathlib
import sys

import pytest

TREE = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TREE / "clients/python/src"))
sys.path.insert(0, str(TREE / "tests/e2e"))

from harness import Daemon, digits, small_model  # noqa: E402


@pytest.fixture
def daemon():
    """daemon(models, **top) starts one; all stop, and must have been clean."""
    made = []

    def start(models=None, **top):
        made.append(Daemon({"digits": small_model()} if models is None
                           else models, **top).start())
        return made[-1]
    yield start
    for d in made:
        d.stop()
        d.remove()


@pytest.fixture
def data():
    return digits
