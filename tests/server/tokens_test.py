"""Tokens as an issuer makes them: keys from an HTTPS URL, and key files that are damaged while the server runs."""

import base64
import http.server
import json
import os
import pathlib
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

from odordiff_server import BIN, Server, command, eventually
from tls_test import make_certificate


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An RSA key, by the `openssl` program, and the tokens that it signs."""

    def __init__(self, folder, kid):
        self.kid, self.key = kid, pathlib.Path(folder, kid + ".rsa")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)

    def jwk(self):
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True,
                                 text=True).stdout.strip().split("=")[1]
        return {"kty": "RSA", "kid": self.kid, "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}

    def token(self, **claims):
        claims = {"sub": "ada", "aud": "odordiff", "exp": int(time.time()) + 600, "role": "viewer", **claims}
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": self.kid}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{base64url(signature)}"


class KeyServer(http.server.ThreadingHTTPServer):
    """Answers what it is told to, over HTTPS, and counts how often it was asked."""

    def __init__(self, key, certificate):
        super().__init__(("127.0.0.1", 0), KeyHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.status, self.body, self.asked = 200, b"", 0

    def handle_error(self, request, client_address):
        pass  # a client that does not trust us


class KeyHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


class Tokens(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.issuer = Issuer(self.folder, "one")

    def write(self, name, text):
        path = self.folder / name
        path.with_suffix(".new").write_bytes(text if isinstance(text, bytes) else text.encode())
        path.with_suffix(".new").rename(path)
        return path

    def status(self, server, token, path="/stats", method="GET"):
        return server.ask(method, path, headers={"Authorization": "Bearer " + token})[0]

    def test_a_page_in_place_of_the_keys_makes_nobody_admin(self):
        keys = self.write("keys", json.dumps({"keys": [self.issuer.jwk()]}))
        settings = self.write("odordiff.toml", f'[auth]\nmetrics_open = true\n[auth.jwt]\nkey_file = "{keys}"\naudience = "odordiff"\n')
        server = Server(self, "--jobs-db", "none", "--config", settings)
        good = self.issuer.token()
        self.assertEqual(self.status(server, good), 200)
        page = "<html><head><title>502 Bad Gateway</title></head></html>"
        self.write("keys", page)
        check = subprocess.run([BIN, "config", "check", "--config", settings], capture_output=True, text=True)
        self.assertEqual(check.returncode, 2)
        self.assertIn("neither a JWK set (JSON) nor a PEM public key", check.stderr)
        server.process.send_signal(signal.SIGHUP)

        def outdated():
            connection = server.connect()
            connection.request("GET", "/metrics")
            return b"\nodordiff_token_keys_outdated 1\n" in connection.getresponse().read()

        self.assertTrue(eventually(outdated))
        head = base64url(b'{"alg":"HS256"}')
        claims = base64url(json.dumps({"sub": "eve", "aud": "odordiff", "exp": int(time.time()) + 600, "role": "admin"}).encode())
        forged = subprocess.run(["openssl", "dgst", "-sha256", "-hmac", page, "-binary"], input=f"{head}.{claims}".encode(),
                                check=True, capture_output=True).stdout
        self.assertEqual(self.status(server, f"{head}.{claims}.{base64url(forged)}"), 401)
        self.assertEqual(self.status(server, good), 200)

    def test_keys_come_from_a_url_that_may_be_away(self):
        key, certificate = make_certificate(self.folder, "localhost")
        source = KeyServer(key, certificate)
        thread = threading.Thread(target=source.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(source.server_close)
        self.addCleanup(source.shutdown)
        source.status, source.body = 502, b"<html>Bad Gateway</html>"
        os.environ["SSL_CERT_FILE"] = str(certificate)
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        url = f"https://localhost:{source.server_address[1]}/jwks.json"
        server = Server(self, "--jobs-db", "none", "--jwt-keys-url", url, "--jwt-audience", "odordiff",
                        "--jwt-role-claim", "realm_access.roles", "--rate-limit", 0)
        good = self.issuer.token(realm_access={"roles": ["chemist"]})
        self.assertEqual(self.status(server, good), 503)
        self.assertEqual(server.ask("GET", "/stats")[0], 401)
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        source.status, source.body = 200, json.dumps({"keys": [self.issuer.jwk()]}).encode()
        self.assertTrue(eventually(lambda: self.status(server, good) == 200))
        asked = source.asked
        for _ in range(20):
            self.assertEqual(self.status(server, good), 200)
        self.assertEqual(source.asked, asked)  # kept meanwhile
        # A new key is asked for when a token names it, and the old one stays where the answer is no good.
        other = Issuer(self.folder, "two")
        source.body = b'{"keys": []}'
        self.assertEqual(self.status(server, other.token()), 401)
        self.assertEqual(self.status(server, good), 200)
        source.body = json.dumps({"keys": [self.issuer.jwk(), other.jwk()]}).encode()
        self.assertTrue(eventually(lambda: self.status(server, other.token()) == 200))
        self.assertEqual(server.end(), 0)

    def test_what_contradicts_itself_is_refused_at_the_start(self):
        secret = self.write("secret", "hs256:" + "s" * 40 + "\n")
        for options, right in (
            (("--jwt-keys-url", "http://localhost/keys"), "https"),
            (("--jwt-keys-url", "https://localhost/keys", "--jwt-secret-file", secret), "one of"),
            (("--jwt-key-file", secret), "auth.jwt.secret_file"),
        ):
            run = subprocess.run(command("--jwt-audience", "odordiff", *options), capture_output=True, text=True)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(right, run.stderr)


if __name__ == "__main__":
    unittest.main()
