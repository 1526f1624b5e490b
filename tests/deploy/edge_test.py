"""Real nginx and Varnish before a real server, with the configurations of deploy/."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/server"))
from odordiff_server import Server, free_port  # noqa: E402

TARGET = "/v1/generate?brief=fresh+rose&count=1"

def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")

class Edge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.port = free_port()

    def run_edge(self, *command):
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

        def end():
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

        self.addCleanup(end)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if process.poll() is not None:
                self.fail(process.stderr.read())
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        self.fail("the edge does not listen")

    def ask(self, target=TARGET, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def cached(self, hit):
        """What both do alike, with a server behind them that goes at the end."""
        first, body = self.ask()
        self.assertEqual(first.status, 200, body)
        again, same = self.ask()
        self.assertEqual((again.headers["X-Cache"], same), (hit, body))
        self.assertEqual(self.ask(If_None_Match=again.headers["ETag"])[0].status, 304)
        # Another form of the answer is another answer.
        other, packed = self.ask(Accept="application/msgpack")
        self.assertEqual((other.headers["Content-Type"], packed[:1] != body[:1]), ("application/msgpack", True))
        # What is somebody's own, posted or streamed is not kept.
        for given in ({"Authorization": "Bearer x"}, {"X_API_Key": "x"}):
            self.assertNotEqual(self.ask(**given)[0].headers["X-Cache"], hit)
        post = {"method": "POST", "target": "/v1/generate", "body": json.dumps({"brief": "fresh rose", "count": 1}),
                "Content_Type": "application/json"}
        for _ in range(2):
            self.assertNotEqual(self.ask(**post)[0].headers["X-Cache"], hit)
        for _ in range(2):
            stream, events = self.ask(Accept="text/event-stream")
            self.assertIn(b"event: answer", events)
            self.assertNotEqual(stream.headers["X-Cache"], hit)
        return body

    def test_varnish_keeps_what_may_be_kept_forgets_what_is_purged_and_serves_stale(self):
        backend = Server(self, "--jobs-db", "none", "--edge-kind", "ban", "--edge-url", f"http://127.0.0.1:{self.port}/")
        vcl = (ROOT / "deploy/varnish/odordiff.vcl").read_text()
        vcl = vcl.replace('.port = "8000"', f'.port = "{backend.port}"')
        (self.folder / "odordiff.vcl").write_text(vcl)
        self.run_edge(find("varnishd"), "-F", "-n", self.folder / "varnish", "-a", f"127.0.0.1:{self.port}",
                      "-f", self.folder / "odordiff.vcl", "-s", "malloc,16m", "-T", "none")
        self.cached("HIT")
        # So many that they do not fit into one header.
        status, said = backend.ask("POST", "/v1/cache/purge", {"tags": [f"{i:0200d}" for i in range(100)]})
        self.assertEqual((status, said["edge"]), (200, "told"))
        self.assertEqual(self.ask()[0].headers["X-Cache"], "HIT")
        tag = self.ask()[0].headers["Surrogate-Key"].split()[0]
        for purge in ({"tags": [tag]}, {"all": True}):
            self.assertEqual(backend.ask("POST", "/v1/cache/purge", purge)[1]["edge"], "told")
            self.assertEqual(self.ask()[0].headers["X-Cache"], "MISS", purge)
            self.assertEqual(self.ask()[0].headers["X-Cache"], "HIT")
        # What another server gave it meanwhile, which had not heard of the purge, goes with a second one.
        deadline = time.monotonic() + 30
        while self.ask()[0].headers["X-Cache"] != "MISS":
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertEqual(self.ask(method="BAN", Surrogate_Key="a|b")[0].status, 400)
        self.assertEqual(self.ask(method="BAN", Surrogate_Key="*", X_Forwarded_For="192.0.2.1")[0].status, 403)
        backend.end()
        self.assertEqual(self.ask()[0].status, 200)

    def test_nginx_keeps_what_may_be_kept_and_serves_stale(self):
        backend = Server(self, "--jobs-db", "none", "--cache-ttl", "3")
        text = (ROOT / "deploy/nginx/odordiff.conf").read_text()
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{backend.port}").replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        text = text.replace("/var/cache/nginx/odordiff", str(self.folder / "cache"))
        (self.folder / "odordiff.conf").write_text(text)
        paths = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} worker_processes 1; daemon off; pid {self.folder}/pid; error_log stderr;"
            f"events {{ worker_connections 256; }} http {{ access_log off; {paths} include {self.folder}/odordiff.conf; }}")
        self.run_edge(find("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr")
        body = self.cached("HIT")
        socket_opens = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
                        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": f"http://127.0.0.1:{self.port}"}
        self.assertEqual(self.ask("/ws/generate/batch", **socket_opens)[0].status, 101)
        backend.end()
        deadline = time.monotonic() + 30
        while self.ask()[0].headers["X-Cache"] not in ("STALE", "UPDATING"):  # its three seconds end
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        self.assertEqual(self.ask()[1], body)

if __name__ == "__main__":
    unittest.main()
