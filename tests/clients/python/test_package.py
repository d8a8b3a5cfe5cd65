"""The package as a whole: its page's code runs, its types hold, it installs."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from conftest import TREE

PACKAGE = TREE / "clients/python"


def test_the_code_of_the_readme_runs(daemon, tmp_path):
    page = (PACKAGE / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == 10
    d = daemon()
    (tmp_path / "page.py").write_text("\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "page.py"], cwd=tmp_path, text=True,
        capture_output=True, timeout=300, check=False,
        env=dict(os.environ, FFD_ADDRESS=d.address,
                 PYTHONPATH=str(PACKAGE / "src")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "of 100" in done.stdout


@pytest.mark.skipif(not shutil.which("mypy"), reason="mypy is not installed: "
                    "scripts/setup --dev")
def test_types_are_strict(tmp_path):
    done = subprocess.run(
        ["/usr/bin/mypy", "--strict", "--cache-dir", tmp_path,
         PACKAGE / "src/ffd"], text=True, capture_output=True, timeout=300,
        check=False)
    assert done.returncode == 0, done.stdout


def test_installs_by_pip(tmp_path):
    source = tmp_path / "source"  # pip writes beside what it builds
    shutil.copytree(PACKAGE, source)
    place = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages",
                    place], check=True, timeout=300)
    pip = subprocess.run(
        [place / "bin/python", "-m", "pip", "install", "--no-index",
         "--no-build-isolation", "--no-deps", source], text=True,
        capture_output=True, timeout=300, check=False)
    assert pip.returncode == 0, pip.stdout + pip.stderr
    said = subprocess.run(
        [place / "bin/python", "-c",
         "import ffd; print(ffd.__file__, ffd.__version__)"], text=True,
        capture_output=True, timeout=60, check=True, cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"}).stdout
    assert str(place) in said
    assert (pathlib.Path(said.split()[0]).parent / "py.typed").exists()
