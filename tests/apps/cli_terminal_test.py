"""The real `odordiff` on pipes, on terminals, and in shells."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import unittest

from cli import BIN, BRIEF, ESTER, CliTest, environment, odordiff


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

    def test_foreign_text_reaches_the_terminal_without_its_controls(self):
        line = "CCO \x1b[31mred\x9b\u202egreen\r\n".encode()
        for command in (["assess", "-"], ["describe", "-"], ["routes", "-"], ["nearest", "rose", "--among", "-"]):
            shown = odordiff(*command, stdin=line).stdout.decode()
            for control in ("\x1b", "\x9b", "\u202e"):
                self.assertNotIn(control, shown, command)
            self.assertIn("green", shown, command)

    def test_tables_fit_the_columns_that_there_are(self):
        def shown(*args, columns):
            return odordiff(*args, env=environment(COLUMNS=columns)).stdout.decode()
        ask = ("generate", BRIEF, "-n", "3")
        molecules = [json.loads(line)["smiles"] for line in odordiff(*ask, "--format", "jsonl").stdout.splitlines()]
        whole = odordiff(*ask).stdout.decode().split("\n\n")[1]
        self.assertGreater(max(map(len, whole.splitlines())), 110)  # to a file or a pipe
        for columns in (20, 40, 80, 108):
            text = shown(*ask, columns=str(columns))
            body = re.split(r"\n\n\d+ descends", text.split("\n\n", 1)[1])[0]
            self.assertLessEqual(max(map(len, body.splitlines())), columns, text)
            if columns <= 80:  # a line for each cell, and what was broken comes together again
                for smiles in molecules:
                    self.assertIn(smiles, "".join(body.split()))
        described = shown("describe", "COc1cc(C=O)ccc1O", columns="60").split("\n\n")[0]
        self.assertLessEqual(max(map(len, described.splitlines())), 60)
        self.assertIn("anisic", described)

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
        for command in ("generate", "explain", "describe", "assess", "batch"):
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
    COMMANDS = [[], ["generate"], ["batch"], ["explain"], ["describe"], ["assess"], ["draw"], ["evaluate"], ["models"],
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
