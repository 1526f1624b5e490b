"""What the tests of the Python package share: one loaded model, the program, and real servers."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import odordiff

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
import own_home  # noqa: E402, F401

BIN = os.environ.get("ODORDIFF_BIN", str(ROOT / "build/release/apps/odordiff"))


@pytest.fixture(scope="session")
def model():
    return odordiff.OdorDiffusion.from_pretrained()


def program(*arguments):
    """What the command line says, as JSON."""
    result = subprocess.run([BIN, *arguments, "--format", "json"], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(result.stdout)


class Server:
    """An `odordiff serve` on a free port of loopback."""

    def __init__(self, folder, *options):
        self.command = [BIN, "serve", "--jobs-db", str(folder / "jobs.db"), *options]
        self.port = "0"
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.command, "--port", self.port], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert " ready on " in line, line
        self.url = line.split(" ready on ")[1].split()[0]
        self.port = self.url.rsplit(":", 1)[1]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@pytest.fixture
def serve(tmp_path):
    """Starts servers with these options; they end with the test."""
    started = []

    def start(*options):
        started.append(Server(tmp_path, *options))
        return started[-1]

    yield start
    for server in started:
        server.stop()
