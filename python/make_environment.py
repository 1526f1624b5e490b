"""Makes a virtual environment with the wheel of this tree, built the quick way from a finished build, and other packages: that of
the workers of `odordiff fleet up`, and that of the tests.

    make_environment.py VENV BUILD REQUIREMENTS

Does nothing where neither the requirements nor anything that the wheel holds has changed since.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[1]


def digest(paths):
    """Of these files' names, sizes and times, and the contents of small ones."""
    sum_ = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        stat = path.stat()
        small = path.read_bytes() if stat.st_size < 1 << 20 else stat.st_mtime_ns
        sum_.update(repr((str(path), stat.st_size, small)).encode())
    return sum_.hexdigest()


def wheel_inputs(build):
    """What the wheel is made of."""
    package = [path for path in (ROOT / "python").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    shipped = [path for folder in ("models", "data/safety", "data/synthesis") for path in (ROOT / folder).rglob("*")]
    built = [*build.glob("python/native/_native.*.so"), build / "share/odordiff/sa_scores.bin"]
    return package + [path for path in shipped if path.is_file()] + built


def run(*command):
    """Runs it, and shows its output where it fails."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")


def step(stamp, wanted, work):
    """Does the work unless the stamp says that it was done."""
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(wanted)


def requirement_files(first):
    """The file and those that it takes in."""
    taken = [line.split()[1] for line in first.read_text().splitlines() if line.startswith("-r ")]
    return [first, *(first.parent / name for name in taken)]


def main():
    folder, build, requirements = map(pathlib.Path, sys.argv[1:])
    wanted = requirement_files(requirements)
    pip = [folder / "bin/pip", "--quiet", "--disable-pip-version-check"]
    wheels = folder.with_name("wheel")

    def packages():
        venv.create(folder, clear=True, with_pip=True)
        run(*pip, "install", "-r", requirements)

    def wheel():
        shutil.rmtree(wheels, ignore_errors=True)
        run(*pip, "wheel", "--no-deps", "--no-build-isolation", ROOT / "python", "-w", wheels,
            f"--config-settings=build-dir={folder.with_name('wheel-build')}",
            f"--config-settings=cmake.define.ODORDIFF_BUILD={build}")
        run(*pip, "install", "--no-deps", "--force-reinstall", *wheels.glob("*.whl"))

    folder.parent.mkdir(parents=True, exist_ok=True)
    step(folder.with_name("packages.stamp"), digest(wanted), packages)
    step(folder.with_name("wheel.stamp"), digest([*wanted, *wheel_inputs(build)]), wheel)


if __name__ == "__main__":
    main()
