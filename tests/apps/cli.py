"""What the tests of the real `odordiff` share: how it is found and run. Python's standard library only.

ODORDIFF_BIN names the program; ODORDIFF_TEST_MODEL the model folder (default: models/odordiff2 of the tree). Without
either the tests fail; only the syntax checks by shells that are not installed are skipped, and say so.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
import own_home  # noqa: E402, F401
BIN = os.environ.get("ODORDIFF_BIN", "")
MODEL = os.environ.get("ODORDIFF_TEST_MODEL", str(ROOT / "models/odordiff2"))
BRIEF = "ripe banana, sweet, a hint of green"
ESTER = "CC(=O)OCCC(C)C"
SMELLS = ["banana", "green", "sweet", "woody", "rose", "fresh", "fruity", "leather", "mint", "vanilla"]


def environment(**changes):
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "ODORDIFF_MODEL", "LC_ALL", "LC_CTYPE")}
    return {**env, "LANG": "C.UTF-8", "ODORDIFF_MODEL": MODEL, **changes}


def odordiff(*args, stdin=b"", env=None, timeout=300):
    """Runs the program to its end; stdin is bytes."""
    return subprocess.run([BIN, *args], input=stdin, capture_output=True, env=env or environment(), timeout=timeout)


class CliTest(unittest.TestCase):
    def setUp(self):
        self.assertTrue(BIN and os.access(BIN, os.X_OK), "set ODORDIFF_BIN to the odordiff program")
        self.assertTrue(pathlib.Path(MODEL, "config.json").is_file(), f"no model in {MODEL}; set ODORDIFF_TEST_MODEL")
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def fails(self, code, *args, says=(), **options):
        """The run ends with this code and one line that says what would be right."""
        done = odordiff(*args, **options)
        self.assertEqual(done.returncode, code, (args, done))
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, (args, done.stderr))
        self.assertTrue(lines[0].startswith("odordiff: "), lines)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, lines[0])
        return done

    def works(self, *args, **options):
        done = odordiff(*args, **options)
        self.assertEqual(done.returncode, 0, (args, done))
        return done.stdout.decode()
