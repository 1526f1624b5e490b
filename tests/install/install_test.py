"""An installation, moved to a place of its own, holds what it should and serves a program that links it."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import own_home  # noqa: E402, F401

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer"
OPTIONS = argparse.Namespace()


def run(*command, **options):
    """Runs a command; output as text. Fails the test when the command fails."""
    clean = {name: value for name, value in os.environ.items() if name != "ODORDIFF_MODEL"}
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=clean, check=False, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


class Installation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        first = cls.folder / "first"
        run(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", first)
        cls.prefix = cls.folder / "moved"
        shutil.move(first, cls.prefix)
        cls.has_model = (cls.prefix / "share/odordiff/models/odordiff2/config.json").exists()

    def only(self, pattern):
        found = list(self.prefix.glob(pattern))
        self.assertEqual(1, len(found), f"{pattern}: {found}")
        return found[0]

    def test_layout(self):
        for pattern in (
            "bin/odordiff",
            "include/odordiff/odordiff.h",
            "lib/**/libodordiff.so",
            "lib/**/cmake/odordiff/odordiffConfig.cmake",
            "share/man/man1/odordiff.1",
            "share/bash-completion/completions/odordiff",
            "share/zsh/site-functions/_odordiff",
            "share/fish/vendor_completions.d/odordiff.fish",
            "share/doc/odordiff/LICENSE",
            "share/doc/odordiff/NOTICE",
            "share/doc/odordiff/README.md",
            "share/doc/odordiff/docs/architecture.md",
        ):
            with self.subTest(pattern):
                self.assertGreater(self.only(pattern).stat().st_size, 0)

    def test_the_floors_stay_private(self):
        self.assertEqual([], list(self.prefix.rglob("*.a")))
        self.assertEqual({"odordiff"}, {path.name for path in (self.prefix / "include").iterdir()})
        if shutil.which("nm"):
            symbols = run("nm", "-DC", "--defined-only", self.only("lib/**/libodordiff.so").resolve())
            strange = [line for line in symbols.splitlines() if "odordiff::" in line and "odordiff::Engine" not in line]
            self.assertEqual(["odordiff::version()"], [line.split(" T ")[-1] for line in strange])

    def test_the_program_runs(self):
        self.assertIn(OPTIONS.version, run(self.prefix / "bin/odordiff", "--version"))
        if self.has_model:
            run(self.prefix / "bin/odordiff", "models", "verify")

    def test_a_program_that_links_the_library_builds_and_runs(self):
        build = self.folder / "consumer"
        run(OPTIONS.cmake, "-S", CONSUMER, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
            f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run(OPTIONS.cmake, "--build", build)
        lines = run(build / "consumer", *(["model"] if self.has_model else [])).splitlines()
        self.assertEqual(OPTIONS.version, lines[0])
        self.assertIn("/nonexistent", lines[1])
        if self.has_model:
            self.assertEqual(4, len(lines), lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("cmake", "build", "version"):
        parser.add_argument(f"--{option}", required=True)
    parser.parse_args(namespace=OPTIONS)
    unittest.main(argv=[__file__])
