"""Type checkers see the package as it is."""

import pathlib
import subprocess
import sys

import odordiff

HERE = pathlib.Path(__file__).parent


def mypy(*arguments):
    return subprocess.run([sys.executable, "-m", "mypy", "--strict", "--no-incremental", *map(str, arguments)],
                          capture_output=True, text=True, timeout=300, check=False)


def test_a_program_and_the_package_pass_mypy_strictly():
    done = mypy("--config-file", HERE / "mypy.ini", HERE / "typed_program.py", HERE.parents[1] / "python/odordiff")
    assert done.returncode == 0, done.stdout


def test_a_wrong_program_does_not():
    done = mypy("--config-file", HERE / "mypy.ini", "-c",
                "import odordiff\nodordiff.OdorDiffusion.from_pretrained().generate('rose', sead=3)\n")
    assert done.returncode == 1 and "sead" in done.stdout


def test_the_stubs_name_what_the_extension_has():
    stubs = (pathlib.Path(odordiff.__file__).parent / "_native.pyi").read_text(encoding="utf-8")
    for name in dir(odordiff._native.Engine) + dir(odordiff._native.Call) + dir(odordiff._native):
        if not name.startswith("_"):
            assert f"{name}(" in stubs or f"class {name}" in stubs or f"{name}:" in stubs, name
