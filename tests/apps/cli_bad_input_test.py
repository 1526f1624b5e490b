"""Bad input to the real `odordiff`: one line that says what would be right, a code, no file, no crash."""

import json
import pathlib
import shutil
import subprocess
import unittest

from cli import BIN, BRIEF, ESTER, MODEL, CliTest, environment, odordiff


class BadInput(CliTest):
    def test_briefs(self):
        self.fails(2, "generate", "")
        self.fails(2, "generate", "  \t ")
        self.fails(2, "generate", stdin=b"")
        self.fails(2, "generate", "-", stdin=b" \n ")
        self.fails(2, "generate", "x" * 1001, says="1,000")
        self.fails(2, "generate", stdin=b"x" * 10_000_000)
        self.fails(2, "generate", b"ros\xe9", says="UTF-8")
        self.fails(2, "generate", stdin=b"\xff\xfe", says="UTF-8")
        self.fails(2, "nearest", says="nearest")
        self.fails(2, "nearest", "rose", "--smiles", "CCO", says="not both")
        self.fails(2, "nearest", "asdfgh", says="understood")
        self.fails(2, "nearest", "rose", "--among", "-", stdin=b"CCO ethanol\nxx( nothing\n", says="stdin:2")
        some = self.fails(2, "nearest", "rose", "--among", "-", stdin=b"CCO ethanol\rxx( nothing\rCCC propane\r", says="stdin:2")
        self.assertIn(b"ethanol", some.stdout)
        self.assertIn(b"propane", some.stdout)
        self.fails(2, "nearest", "rose", "--among", "-", stdin=b"# empty\n", says="no material")
        self.fails(2, "draw", "CCO", "--attribute", "smokey", says=["smokey", "describe --all"])
        self.fails(2, "generate", BRIEF, "--effort", "0", says=["--effort", "0.5 to 50"])
        self.fails(2, "explain", "")
        self.fails(2, "explain", b"\xc3", says="UTF-8")
        self.fails(2, "explain", "é" * 1001, says="1,000")

    def test_closed_descriptors(self):
        def status(redirections):
            return subprocess.run(["sh", "-c", f'exec "$0" generate rose -n 1 {redirections}', BIN], env=environment(),
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=300).returncode

        self.assertEqual(status("1>&-"), 3)  # what cannot be written is no success
        self.assertEqual(status("0<&- 1>&-"), 3)
        self.assertEqual(status("0<&-"), 0)
        self.assertEqual(status("2>&-"), 0)

    def test_options(self):
        self.fails(2, "generate", BRIEF, "-n", "0", says=["-n", "1 to 1000"])
        self.fails(2, "generate", BRIEF, "-n", "100000", says=["-n", "1 to 1000"])
        self.fails(2, "generate", BRIEF, "-n", "many", says=["-n", "1 to 1000"])
        self.fails(2, "generate", BRIEF, "-n", "-3", says="-n")
        self.fails(2, "generate", BRIEF, "-n")
        self.fails(2, "generate", BRIEF, "--sed", "3", says=["--sed", "--seed"])
        self.fails(2, "generate", BRIEF, "--seed", "-1", says="--seed")
        self.fails(2, "generate", BRIEF, "--steps", "9", says="1 to 4")
        self.fails(2, "generate", BRIEF, "--temperature", "hot", says="0.1 to 2")
        self.fails(2, "generate", BRIEF, "--guidance", "-1", says="0 to 10")
        self.fails(2, "generate", BRIEF, "--precision", "fp8", says="bf16")
        self.fails(2, "generate", BRIEF, "--format", "xml", says="html")
        self.fails(2, "generate", BRIEF, "--similarity", "0.5:", says="--like")
        self.fails(2, says="generate, batch")
        self.fails(2, "generte", says="did you mean generate?")
        self.fails(2, "models", says="verify")
        self.fails(2, "completion", says="bash")
        self.fails(2, "completion", "tcsh", says="fish")

    def test_ranges(self):
        self.fails(2, "generate", BRIEF, "--mw", "300:150", says="150:300")
        self.fails(2, "generate", BRIEF, "--logp", "5:1", says="--logp")
        self.fails(2, "generate", BRIEF, "--sa", "9:2", says="--sa")
        self.fails(2, "generate", BRIEF, "--tpsa", "40", says="LOW:HIGH")
        self.fails(2, "generate", BRIEF, "--mw", "a:b", says="numbers")

    def test_molecules(self):
        self.fails(2, "generate", BRIEF, "--like", "C(C", says="--like")
        self.fails(2, "generate", BRIEF, "--keep", "nonsense", says="--keep")
        self.fails(2, "draw", "C1CC")
        self.fails(2, "draw")
        self.fails(2, "draw", ESTER, "--highlight", "[[")
        self.fails(2, "draw", ESTER, "--width", "5")
        done = self.fails(2, "describe", "C(C")
        self.assertIn("error", done.stdout.decode())
        self.fails(2, "describe", stdin=b"")
        self.fails(2, "assess", "C(C")
        self.fails(2, "assess", stdin=b"")
        self.fails(2, "assess", ESTER, "--region", "Mars", says="EU")
        self.fails(2, "assess", ESTER, "--threshold", "2", says="--threshold")

    def test_models(self):
        absent = str(self.folder / "absent")
        for command in (["generate", BRIEF], ["explain", BRIEF], ["describe", ESTER], ["models", "verify"]):
            self.fails(3, *command, "--model", absent, says=["absent", "ODORDIFF_MODEL"])
            self.fails(3, *command, env=environment(ODORDIFF_MODEL=absent), says="ODORDIFF_MODEL")

    def test_damaged_models(self):
        names = [name for name in json.loads(pathlib.Path(MODEL, "config.json").read_text())["files"]]
        for damage in ("flip", "cut", "remove", "config"):
            folder = self.folder / damage
            shutil.copytree(MODEL, folder)
            file = folder / ("config.json" if damage == "config" else names[0])
            data = bytearray(file.read_bytes())
            if damage == "flip":
                data[len(data) // 2] ^= 1
                file.write_bytes(data)
            elif damage == "remove":
                file.unlink()
            else:
                file.write_bytes(data[: len(data) // 2])
            output = self.folder / f"{damage}.json"
            self.fails(3, "generate", BRIEF, "--model", str(folder), "-o", str(output), says=file.name)
            self.assertFalse(output.exists())
            self.fails(3, "explain", BRIEF, "--model", str(folder), says=file.name)
            self.fails(3, "describe", ESTER, "--model", str(folder), says=file.name)
            done = odordiff("models", "verify", "--model", str(folder))
            self.assertEqual(done.returncode, 3)
            self.assertIn(file.name.encode(), done.stderr)

    def test_outputs_that_cannot_be_written(self):
        for target in (self.folder / "no/such/out.json", self.folder, pathlib.Path("/proc/out.json")):
            self.fails(3, "generate", BRIEF, "-n", "1", "-o", str(target), says="--output")
            self.fails(3, "draw", ESTER, "-o", str(target), says="--output")
            self.fails(3, "batch", "-", "-o", str(target), stdin=b"rose\n", says="--output")
        self.fails(3, "draw", ESTER, "-o", "/dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BIN, "version"], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_failed_run_leaves_the_old_file_alone(self):
        file = self.folder / "out.json"
        file.write_text("old")
        self.fails(2, "generate", "", "-o", str(file))
        self.fails(3, "generate", BRIEF, "-o", str(file), "--model", str(self.folder))
        self.assertEqual(file.read_text(), "old")
        self.assertEqual([file], list(self.folder.iterdir()))

    def test_batch_inputs(self):
        self.fails(2, "batch", str(self.folder / "absent.txt"), says="stdin")
        self.fails(2, "batch", str(self.folder), says="folder")
        self.fails(2, "batch", "-", stdin=b"", says="brief")
        self.fails(2, "batch", "-", "--jobs", "0", stdin=b"rose\n", says="1 to 256")


if __name__ == "__main__":
    unittest.main()
