"""A real `odordiff serve` for the tests that meet it from outside. ODORDIFF_BIN names the program."""

import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))
import own_home  # noqa: E402, F401
BIN = os.environ.get("ODORDIFF_BIN", "")
MODEL = os.environ.get("ODORDIFF_TEST_MODEL", str(ROOT / "models/odordiff2"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def command(*options):
    model = [] if "--model" in options else ["--model", MODEL]
    return [BIN, "serve", "--port", "0", *model, *map(str, options)]


def eventually(look, seconds=60):
    """The first true value of `look`; the last one where none came in time."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


class Server:
    """On a free port of loopback; ended with its test at the latest."""

    def __init__(self, test, *options):
        self.process = subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        test.addCleanup(self.process.stdout.close)
        test.addCleanup(self.kill)
        line = self.process.stdout.readline()
        assert " ready on " in line, line
        self.url = line.split(" ready on ")[1].split()[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def connect(self):
        if self.url.startswith("https:"):
            trusting = ssl.create_default_context()
            trusting.check_hostname = False
            trusting.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=120, context=trusting)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method, path, body=None, headers=None):
        """Status and JSON of the answer."""
        connection = self.connect()
        try:
            connection.request(method, path, body and json.dumps(body),
                               {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def kill(self):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(timeout=60)
