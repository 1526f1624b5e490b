"""The wheel in an environment where nothing else is, away from the source tree."""

import json
import os
import pathlib
import subprocess
import sys
import venv

from conftest import program

SCRIPT = """
import json, pathlib, odordiff
from odordiff._engine import model_folder
molecules = odordiff.OdorDiffusion.from_pretrained().generate("rose", 2, seed=3)
try:
    molecules.to_dataframe()
except odordiff.Unavailable as error:
    advice = str(error)
print(json.dumps([str(model_folder()), [m.raw for m in molecules], advice, odordiff.__file__]))
"""


def test_the_wheel_alone_is_enough(tmp_path):
    folder = tmp_path / "clean"
    venv.create(folder, with_pip=False)
    wheel, = pathlib.Path(os.environ["ODORDIFF_WHEELS"]).glob("*.whl")
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python",
                    folder / "bin/python", "install", "--no-index", wheel], check=True, timeout=120)
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ODORDIFF_MODEL")}
    done = subprocess.run([folder / "bin/python", "-I", "-c", SCRIPT], capture_output=True, text=True, timeout=120,
                          env=clean, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    model, molecules, advice, package = json.loads(done.stdout)
    assert model.startswith(str(folder)) and package.startswith(str(folder))
    assert molecules == program("generate", "rose", "--seed", "3", "-n", "2")["molecules"]
    assert "odordiff[pandas]" in advice
