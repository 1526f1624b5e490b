"""Batches of the real `odordiff`: order, ids, errors in their place, and kills that lose and repeat nothing.

ODORDIFF_BATCH_BRIEFS says how many briefs the killed run has (60), e.g. 1000 for the large one; ODORDIFF_BATCH_KILLS how
often it is killed (3).
"""

import json
import os
import random
import signal
import subprocess
import time
import unittest

from cli import BIN, SMELLS, CliTest, environment, odordiff


class Batch(CliTest):
    def briefs(self, count):
        return "".join(f"{SMELLS[i % 10]} {SMELLS[i // 10 % 10]} {SMELLS[i // 100 % 10]}\n" for i in range(count))

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
        count = int(os.environ.get("ODORDIFF_BATCH_BRIEFS", "60"))
        kills = int(os.environ.get("ODORDIFF_BATCH_KILLS", "3"))
        chance = random.Random(count)
        source.write_text(self.briefs(count))
        command = ["batch", str(source), "-o", str(output), "-n", "1", "--jobs", "3"]
        seen = []
        for wanted in sorted(chance.sample(range(1, count * 2 // 3), kills)):
            with subprocess.Popen([BIN, *command], env=environment()) as process:
                deadline = time.monotonic() + 240
                while process.poll() is None and time.monotonic() < deadline:
                    if partial.exists() and partial.read_bytes().count(b"\n") >= wanted:
                        break
                    time.sleep(0.002)
                time.sleep(chance.random() * 0.05)
                process.kill()
            self.assertFalse(output.exists(), "finished before it could be killed")
            before = partial.read_bytes()
            self.assertTrue(before.startswith(b"".join(seen)), "finished lines were lost or changed")
            seen = before[: before.rfind(b"\n") + 1].splitlines(keepends=True)
            self.assertGreaterEqual(len(seen), wanted)
            if "ODORDIFF_BATCH_BRIEFS" in os.environ:
                print(f"killed after {len(seen)} of {count} answers", flush=True)
        self.works(*command)
        lines = output.read_bytes().splitlines(keepends=True)
        self.assertEqual(lines[: len(seen)], seen)
        self.assertEqual([json.loads(line)["id"] for line in lines], list(range(1, count + 1)))
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


if __name__ == "__main__":
    unittest.main()
