"""The real `odordiff`, from outside: bad input, pipes, kills, formats. Python's standard library only.

ODORDIFF_BIN names the program; ODORDIFF_TEST_MODEL the model folder (default: models/odordiff2 of the tree). Without
either the tests fail; only the syntax checks by shells that are not installed are skipped, and say so.
"""

import csv
import io
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
        self.fails(2, "explain", "")
        self.fails(2, "explain", b"\xc3", says="UTF-8")
        self.fails(2, "explain", "é" * 1001, says="1,000")

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

    def test_models(self):
        absent = str(self.folder / "absent")
        for command in (["generate", BRIEF], ["explain", BRIEF], ["describe", ESTER], ["models", "verify"]):
            self.fails(3, *command, "--model", absent, says=["absent", "--model"])
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


class Generate(CliTest):
    def test_json_has_brief_seed_and_molecules_with_scores(self):
        answer = json.loads(self.works("generate", BRIEF, "-n", "3", "--seed", "7", "--format", "json"))
        self.assertEqual((answer["brief"], answer["seed"], len(answer["molecules"])), (BRIEF, 7, 3))
        self.assertTrue(answer["understood"])
        self.assertGreater(answer["weights"]["banana"], 0)
        for rank, molecule in enumerate(answer["molecules"], 1):
            self.assertEqual(molecule["rank"], rank)
            for name in ("score", "match", "odorous", "synthesizability", "novelty"):
                self.assertTrue(0 <= molecule[name] <= 1, (name, molecule))
            self.assertTrue(molecule["smiles"])

    def test_the_same_request_gives_the_same_bytes(self):
        command = ("generate", BRIEF, "-n", "3", "--format", "json")
        self.assertEqual(self.works(*command), self.works(*command, "--threads", "1"))
        self.assertEqual(json.loads(self.works(*command))["seed"], 0)

    def test_the_brief_may_come_from_stdin_or_unquoted(self):
        command = ("--format", "json", "-n", "2")
        quoted = self.works("generate", BRIEF, *command)
        self.assertEqual(quoted, self.works("generate", *BRIEF.split(), *command))
        self.assertEqual(quoted, self.works("generate", *command, stdin=BRIEF.encode() + b"\n"))
        self.assertEqual(quoted, self.works("generate", "-", *command, stdin=BRIEF.encode()))

    def test_every_format(self):
        def out(name):
            return self.works("generate", BRIEF, "-n", "2", "--format", name)

        self.assertEqual([json.loads(line)["rank"] for line in out("jsonl").splitlines()], [1, 2])
        rows = list(csv.DictReader(io.StringIO(out("csv"), newline="")))
        self.assertEqual([row["rank"] for row in rows], ["1", "2"])
        self.assertEqual(out("sdf").count("$$$$\n"), 2)
        self.assertEqual(out("sdf").count("M  END\n"), 2)
        self.assertTrue(ElementTree.fromstring(out("svg")).tag.endswith("svg"))
        page = out("html")
        self.assertTrue(page.startswith("<!doctype html>") and page.endswith("</html>\n"))
        self.assertEqual(page.count("<svg"), 2)
        self.assertNotIn("src=", page)
        table = out("table")
        for text in ("SMILES", "Formula", "logP", "seed 0", rows[0]["smiles"]):
            self.assertIn(text, table)

    def test_the_ending_of_the_output_names_the_format(self):
        file = self.folder / "out.csv"
        self.assertEqual(self.works("generate", BRIEF, "-n", "2", "--output", str(file)), "")
        self.assertTrue(file.read_text().startswith("rank,smiles"))
        self.assertEqual([file], list(self.folder.iterdir()))
        self.works("generate", BRIEF, "-n", "2", "--output", str(file), "--format", "json")
        self.assertEqual(len(json.loads(file.read_text())["molecules"]), 2)

    def test_ranges_hold(self):
        done = odordiff("generate", BRIEF, "-n", "4", "--mw", "120:200", "--logp", "1:4", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)
        for molecule in json.loads(done.stdout)["molecules"]:
            self.assertTrue(120 <= molecule["properties"]["molecular_weight"] <= 200)
            self.assertTrue(1 <= molecule["properties"]["logp"] <= 4)

    def test_fewer_molecules_than_asked_for_are_printed_and_explained(self):
        # Nothing that smells weighs 80.0 to 80.1.
        done = odordiff("generate", BRIEF, "-n", "3", "--mw", "80.0:80.01", "--budget", "2", "--format", "json")
        self.assertEqual(done.returncode, 4, done)
        answer = json.loads(done.stdout)
        self.assertLess(len(answer["molecules"]), 3)
        self.assertTrue(answer["note"])
        self.assertNotEqual(answer["stop"], "complete")

    def test_words_without_meaning_are_answered_and_said_not_to_be_understood(self):
        answer = json.loads(self.works("generate", "asdfgh", "-n", "2", "--format", "json"))
        self.assertFalse(answer["understood"])
        self.assertEqual(len(answer["molecules"]), 2)
        self.assertIn("understood", answer["note"])
        self.assertIn("understood", self.works("generate", "asdfgh", "-n", "1"))
        self.assertIn("understood", self.works("explain", "asdfgh"))

    def test_like_and_keep(self):
        done = odordiff("generate", "--like", ESTER, "-n", "2", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)
        done = odordiff("generate", BRIEF, "--keep", "COC(C)=O", "-n", "2", "--format", "json")
        self.assertIn(done.returncode, (0, 4), done)

    def test_ctrl_c_ends_with_130_and_leaves_no_file(self):
        file = self.folder / "out.json"
        command = [BIN, "generate", BRIEF, "-n", "1000", "--budget", "600", "--mw", "80:80.01", "-o", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment()) as process:
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertEqual(list(self.folder.iterdir()), [])


class Describe(CliTest):
    def test_one_object_a_line_in_input_order_with_errors_in_their_place(self):
        lines = f"{ESTER} isoamyl acetate\nC(C\n\n[NH4+]\n".encode()
        done = self.fails(2, "describe", "-", "--format", "jsonl", stdin=lines)
        out = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([entry["smiles"] for entry in out], [ESTER, "C(C", "", "[NH4+]"])
        self.assertEqual(["error" in entry for entry in out], [False, True, True, False])
        self.assertEqual(out[0]["name"], "isoamyl acetate")
        self.assertEqual(len(out[0]["descriptors"]), 8)
        values = list(out[0]["descriptors"].values())
        self.assertEqual(values, sorted(values, reverse=True))

    def test_all_descriptors(self):
        entry = json.loads(self.works("describe", ESTER, "--all", "--format", "jsonl"))
        self.assertEqual(len(entry["descriptors"]), 138)
        self.assertTrue(all(0 <= value <= 1 for value in entry["descriptors"].values()))

    def test_json_holds_all_and_agrees_with_jsonl_over_batches(self):
        smiles = ["C" * (1 + i % 20) + "O" for i in range(150)]
        text = "\n".join(smiles).encode()
        whole = json.loads(self.works("describe", "--format", "json", stdin=text))["molecules"]
        lines = [json.loads(line) for line in self.works("describe", "--format", "jsonl", stdin=text).splitlines()]
        self.assertEqual([entry["smiles"] for entry in whole], smiles)
        self.assertEqual(whole, lines)

    def test_arguments_in_brackets_stay_molecules(self):
        out = self.works("describe", "[NH4+]", "[Na+].[Cl-]", "--format", "jsonl").splitlines()
        self.assertEqual([json.loads(line)["smiles"] for line in out], ["[NH4+]", "[Na+].[Cl-]"])

    def test_table(self):
        self.assertIn(ESTER, self.works("describe", ESTER))


class Explain(CliTest):
    def test_says_what_each_word_gives(self):
        read = json.loads(self.works("explain", "very sweet banana, not green", "--format", "json"))
        self.assertTrue(read["understood"])
        self.assertGreater(read["weights"]["banana"], 0)
        self.assertLess(read["weights"]["green"], 0)
        self.assertTrue(any(term["negated"] for term in read["terms"]))
        raw = "very sweet banana, not green".encode()
        for term in read["terms"]:
            self.assertEqual(raw[term["begin"] : term["end"]].decode(), term["text"])

    def test_table(self):
        self.assertIn("banana", self.works("explain", stdin=b"ripe banana"))


class DrawModelsVersion(CliTest):
    def test_draw(self):
        file = self.folder / "out.svg"
        self.works("draw", ESTER, "CCO", "--output", str(file), "--captions", "--highlight", "C=O")
        self.assertTrue(ElementTree.parse(file).getroot().tag.endswith("svg"))
        self.assertTrue(self.works("draw", ESTER).startswith("<svg"))

    def test_models(self):
        models = json.loads(self.works("models", "list", "--format", "json"))["models"]
        self.assertTrue(models[0]["used"])
        checked = json.loads(self.works("models", "verify", "--format", "json"))
        self.assertTrue(checked["good"] and checked["files"])
        self.assertIn("ok", self.works("models", "verify"))

    def test_version(self):
        version = json.loads(self.works("version", "--format", "json"))["version"]
        self.assertEqual(self.works("--version"), f"odordiff {version}\n")
        self.assertIn(version, self.works("version"))


class Batch(CliTest):
    def briefs(self, count):
        return "".join(f"{SMELLS[i % 10]} {SMELLS[i // 10 % 10]}\n" for i in range(count))

    def test_one_object_a_line_in_input_order_with_id(self):
        lines = [
            '{"id": "a", "brief": "ripe banana", "n": 2, "seed": 5}',
            "smoky leather",
            '{"id": "b", "brief": ""}',
            '{"id": 3.5, "brief": "rose", "n": 0}',
            "",
            "{broken",
            '{"id": "z", "brief": "mint"}',
        ]
        done = self.fails(2, "batch", "-", "-n", "1", stdin="\n".join(lines).encode(), says="4 of 7")
        out = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([entry["id"] for entry in out], ["a", 2, "b", 3.5, 5, 6, "z"])
        self.assertEqual(["error" in entry for entry in out], [False, False, True, True, True, True, False])
        self.assertEqual([len(entry.get("molecules", [])) for entry in out], [2, 1, 0, 0, 0, 0, 1])
        self.assertEqual(out[0]["seed"], 5)

    def test_a_line_answers_as_generate_does(self):
        line = json.loads(self.works("batch", "-", "-n", "2", stdin=b"ripe banana\n"))
        alone = json.loads(
            self.works("generate", "ripe banana", "-n", "2", "--seed", str(line["seed"]), "--format", "json")
        )
        line.pop("id")
        self.assertEqual(line, alone)

    def test_is_the_same_whatever_the_number_of_jobs(self):
        text = self.briefs(6).encode()
        self.assertEqual(
            self.works("batch", "-", "-n", "1", "--jobs", "1", stdin=text),
            self.works("batch", "-", "-n", "1", "--jobs", "6", stdin=text),
        )

    def test_says_nothing_in_a_pipe(self):
        done = odordiff("batch", "-", "-n", "1", stdin=self.briefs(2).encode())
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_a_killed_run_goes_on_and_answers_every_brief_once(self):
        source, output, partial = (self.folder / name for name in ("in.txt", "out.jsonl", "out.jsonl.partial"))
        source.write_text(self.briefs(60))
        command = ["batch", str(source), "-o", str(output), "-n", "1", "--jobs", "3"]
        seen = []
        for wanted in (5, 20, 40):
            with subprocess.Popen([BIN, *command], env=environment()) as process:
                deadline = time.monotonic() + 240
                while process.poll() is None and time.monotonic() < deadline:
                    if partial.exists() and partial.read_bytes().count(b"\n") >= wanted:
                        break
                    time.sleep(0.002)
                process.kill()
            self.assertFalse(output.exists(), "finished before it could be killed")
            before = partial.read_bytes()
            self.assertTrue(before.startswith(b"".join(seen)), "finished lines were lost or changed")
            seen = before[: before.rfind(b"\n") + 1].splitlines(keepends=True)
            self.assertGreaterEqual(len(seen), wanted)
        self.works(*command)
        lines = output.read_bytes().splitlines(keepends=True)
        self.assertEqual(lines[: len(seen)], seen)
        self.assertEqual([json.loads(line)["id"] for line in lines], list(range(1, 61)))
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["in.txt", "out.jsonl"])
        whole = self.works("batch", str(source), "-n", "1")
        self.assertEqual(output.read_text(), whole)

    def interrupted_run(self, *options):
        """Leaves a half-done batch of 60 behind; gives the command."""
        source, output = self.folder / "in.txt", self.folder / "out.jsonl"
        partial = self.folder / "out.jsonl.partial"
        source.write_text(self.briefs(60))
        command = ["batch", str(source), "-o", str(output), "-n", "1", "--jobs", "2", *options]
        with subprocess.Popen([BIN, *command], stderr=subprocess.PIPE, env=environment()) as process:
            while process.poll() is None and not (partial.exists() and partial.read_bytes().count(b"\n") >= 3):
                time.sleep(0.002)
            process.send_signal(signal.SIGINT)
            error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertIn(b"goes on", error)
        self.assertFalse(output.exists())
        self.assertTrue(partial.read_bytes().endswith(b"\n"))
        return command

    def test_ctrl_c_keeps_what_is_done(self):
        command = self.interrupted_run()
        kept = (self.folder / "out.jsonl.partial").read_bytes()
        self.works(*command)
        self.assertTrue((self.folder / "out.jsonl").read_bytes().startswith(kept))

    def test_other_settings_or_input_are_refused_until_restart(self):
        command = self.interrupted_run()
        self.fails(2, *command, "--seed", "9", says=["seed", "--restart"])
        (self.folder / "in.txt").write_text("rose\n")
        self.fails(2, *command, says=["input", "--restart"])
        self.works(*command, "--restart")
        self.assertEqual(len((self.folder / "out.jsonl").read_text().splitlines()), 1)
        self.assertFalse((self.folder / "out.jsonl.partial").exists())

    def test_fewer_molecules_end_with_4(self):
        done = self.fails(
            4, "batch", "-", "-n", "2", "--mw", "80.0:80.01", "--budget", "1", stdin=b"rose\n", says="1 of 1"
        )
        self.assertIn("molecules", json.loads(done.stdout))


class PipesAndTerminals(CliTest):
    def closed_early(self, *args, stdin=b""):
        """Exit code and stderr of a run whose reader takes one byte and leaves."""
        with subprocess.Popen(
            [BIN, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as process:
            try:
                process.stdin.write(stdin)
                process.stdin.close()
            except BrokenPipeError:
                pass
            process.stdout.read(1)
            process.stdout.close()
            error = process.stderr.read()
            return process.wait(timeout=120), error

    def test_a_closed_pipe_ends_the_program_without_a_crash_or_a_word(self):
        briefs = b"".join(b"rose %d\n" % i for i in range(200))
        self.assertEqual(self.closed_early("batch", "-", "-n", "1", stdin=briefs), (141, b""))
        lines = (ESTER + "\n").encode() * 3000
        self.assertEqual(self.closed_early("describe", "-", "--all", "--format", "jsonl", stdin=lines), (141, b""))

    def test_head(self):
        script = f'"{BIN}" generate "{BRIEF}" -n 3 --format jsonl | head -1'
        done = subprocess.run(["sh", "-c", script], capture_output=True, env=environment(), check=False, timeout=300)
        self.assertEqual(json.loads(done.stdout)["rank"], 1)
        self.assertEqual(done.stderr, b"")

    def on_terminal(self, *args, **env):
        """What the program writes when stdout and stderr are a terminal."""
        leader, follower = pty.openpty()
        with subprocess.Popen(
            [BIN, *args], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=environment(TERM="xterm", **env)
        ) as process:
            os.close(follower)
            out = b""
            while True:
                if not select.select([leader], [], [], 120)[0]:
                    process.kill()
                    self.fail("no output for two minutes")
                try:
                    chunk = os.read(leader, 65536)
                except OSError:  # EIO: the program has closed its side
                    break
                if not chunk:
                    break
                out += chunk
            os.close(leader)
        return out.decode(), process.returncode

    def test_colours_on_a_terminal_only_and_not_with_no_color(self):
        self.assertIn("\x1b[1m", self.on_terminal("generate", BRIEF, "-n", "1")[0])
        self.assertNotIn("\x1b", self.on_terminal("generate", BRIEF, "-n", "1", NO_COLOR="1")[0])
        self.assertNotIn("\x1b", self.works("generate", BRIEF, "-n", "1"))
        self.assertIn("\x1b[1m", self.on_terminal("generate", BRIEF, "-n", "1", NO_COLOR="")[0])

    def test_a_progress_bar_on_a_terminal(self):
        source = self.folder / "in.txt"
        source.write_text("rose\nmint\nbanana\nwoody\n" * 5)
        args = ["batch", str(source), "-n", "1", "-o", str(self.folder / "out.jsonl"), "--jobs", "2"]
        out, code = self.on_terminal(*args)
        self.assertEqual(code, 0, out)
        self.assertIn("/20 ", out)
        self.assertEqual(self.on_terminal(*args, "--quiet"), ("", 0))

    def test_no_stdin_on_a_terminal_is_said_instead_of_waited_for(self):
        leader, follower = pty.openpty()
        for command in ("generate", "explain", "describe", "batch"):
            done = subprocess.run(
                [BIN, command], stdin=follower, capture_output=True, env=environment(), timeout=60, check=False
            )
            self.assertEqual(done.returncode, 2, done)
            self.assertEqual(len(done.stderr.splitlines()), 1)
        os.close(leader)
        os.close(follower)

    def test_ascii_where_the_locale_is(self):
        self.assertTrue(self.works("generate", BRIEF, "-n", "1", env=environment(LC_ALL="C")).isascii())


class HelpAndShells(CliTest):
    COMMANDS = [[], ["generate"], ["batch"], ["explain"], ["describe"], ["draw"], ["evaluate"], ["models"],
                ["models", "list"], ["models", "verify"], ["completion"], ["man"], ["version"]]  # fmt: skip

    def test_help_begins_with_a_command_line(self):
        for command in self.COMMANDS:
            text = self.works(*command, "--help")
            self.assertIn("odordiff", text.splitlines()[0])
            self.assertIn("Exit codes:", text)
            self.assertIn("ODORDIFF_MODEL", text)

    def test_the_examples_work(self):
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "odordiff").symlink_to(BIN)
        env = environment(HOME=str(self.folder), PATH=f"{tools}:{os.environ['PATH']}")
        (self.folder / ".local/share/bash-completion/completions").mkdir(parents=True)
        for command in self.COMMANDS:
            if command in (["evaluate"], ["man"]):
                continue
            example = self.works(*command, "--help").splitlines()[0]
            done = subprocess.run(["bash", "-c", example], capture_output=True, env=env, cwd=self.folder, check=False)
            self.assertEqual(done.returncode, 0, (example, done))

    def script(self, shell):
        file = self.folder / f"odordiff.{shell}"
        file.write_text(self.works("completion", shell))
        return file

    def shell(self, *command):
        if shutil.which(command[0]) is None:
            self.skipTest(f"{command[0]} is not installed")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment())
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout.split()

    def bash_completes(self, *words):
        script = (
            f'source "{self.script("bash")}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _odordiff; '
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        return self.shell("bash", "-c", script, "bash", "odordiff", *words)

    def test_bash(self):
        self.assertEqual(self.bash_completes("gen"), ["generate"])
        self.assertEqual(self.bash_completes("generate", "--format", "h"), ["html"])
        self.assertEqual(self.bash_completes("generate", "--temp"), ["--temperature"])
        self.assertEqual(self.bash_completes("models", "v"), ["verify"])
        self.assertEqual(self.bash_completes("completion", "f"), ["fish"])

    def test_zsh(self):
        self.shell("zsh", "-n", str(self.script("zsh")))

    def test_fish(self):
        script = self.script("fish")
        self.shell("fish", "--no-execute", str(script))
        out = self.shell("fish", "-c", f'source {script}; complete -C "odordiff generate --format h"')
        self.assertIn("html", out)
        out = self.shell("fish", "-c", f'source {script}; complete -C "odordiff models ver"')
        self.assertIn("verify", out)

    def test_manual_page(self):
        page = self.works("man")
        self.assertTrue(page.startswith(".TH ODORDIFF 1"))
        for section in ("NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT"):
            self.assertIn(f".SH {section}\n", page)
        file = self.folder / "odordiff.1"
        file.write_text(page)
        self.shell("groff", "-ww", "-z", "-K", "utf8", "-man", str(file))


if __name__ == "__main__":
    unittest.main()
