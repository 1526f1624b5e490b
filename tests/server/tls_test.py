"""TLS 1.3 as a client meets it: a certificate made up for development, one from files, and files that are no good."""

import hashlib
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

from odordiff_server import BIN, Server, command, eventually


def make_certificate(folder, name, days=2):
    """A key and a self-signed certificate for localhost, by the `openssl` program."""
    key, certificate = pathlib.Path(folder, name + ".key"), pathlib.Path(folder, name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return key, certificate


class Tls(unittest.TestCase):
    def connect(self, server, context, name="localhost"):
        raw = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.addCleanup(raw.close)
        wrapped = context.wrap_socket(raw, server_hostname=name)
        self.addCleanup(wrapped.close)
        return wrapped

    def unverified(self, **options):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def test_the_certificate_for_development_is_the_printed_one(self):
        server = Server(self, "--jobs-db", "none", "--tls-self-signed")
        self.assertTrue(server.url.startswith("https://"))
        printed = server.process.stdout.readline().split()[-1]
        connection = self.connect(server, self.unverified())
        digest = hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest().upper()
        self.assertEqual(printed.replace(":", ""), digest)
        self.assertEqual(connection.version(), "TLSv1.3")
        trusting = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True)))
        self.assertEqual(self.connect(server, trusting).version(), "TLSv1.3")  # and its name is right
        self.assertEqual(server.ask("GET", "/health")[1]["status"], "healthy")
        self.assertEqual(server.end(), 0)

    def test_work_streams_and_many_requests_go_over_one_connection(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = make_certificate(folder, "one")
            server = Server(self, "--jobs-db", "none", "--tls-cert", certificate, "--tls-key", key)
            connection = server.connect()
            self.addCleanup(connection.close)
            body = '{"prompts": ["rose", "lemon"], "num_molecules": 1}'
            for _ in range(3):
                connection.request("POST", "/generate/batch/streaming", body, {"Content-Type": "application/json"})
                self.assertIn(b"event: done", connection.getresponse().read())
                connection.request("GET", "/health")
                self.assertEqual(connection.getresponse().read()[:10], b'{"status":')
                connection.request("POST", "/generate", '{"prompt": "rose", "use_cache": false, "num_molecules": 1}',
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                self.assertEqual((answer.status, answer.read()[:14]), (200, b'{"request_id":'))

    def test_clients_without_a_good_certificate_are_not_let_in(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = make_certificate(folder, "server")
            ours, others = (make_certificate(folder, name) for name in ("ours", "others"))

            def signed(name, authority, days=2):
                """A key and a certificate of a client, by that authority."""
                mine, asked, made = (pathlib.Path(folder, name + end) for end in (".key", ".csr", ".pem"))
                subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                                f"/CN={name}", "-keyout", mine, "-out", asked], check=True, capture_output=True)
                subprocess.run(["openssl", "x509", "-req", "-in", asked, "-CA", authority[1], "-CAkey", authority[0],
                                "-CAcreateserial", "-days", str(days), "-out", made], check=True, capture_output=True)
                return mine, made

            def asks(client):
                context = self.unverified()
                if client:
                    context.load_cert_chain(client[1], client[0])
                try:
                    connection = self.connect(server, context)
                    connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    return connection.recv(12)
                except (ssl.SSLError, OSError):
                    return b""

            trusted = pathlib.Path(folder, "trusted.pem")
            trusted.write_bytes(ours[1].read_bytes())
            server = Server(self, "--jobs-db", "none", "--tls-cert", certificate, "--tls-key", key, "--tls-client-ca", trusted)
            good, strange = signed("good", ours), signed("strange", others)
            for _ in range(2):
                self.assertEqual(asks(good), b"HTTP/1.1 200")
            for refused in (None, strange):
                self.assertEqual(asks(refused), b"", refused)
            trusted.write_bytes(others[1].read_bytes())
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(eventually(lambda: asks(strange) == b"HTTP/1.1 200"))
            self.assertEqual(asks(good), b"")
            for wrong in (pathlib.Path(folder, "absent.pem"), key):
                done = subprocess.run(command("--jobs-db", "none", "--tls-cert", certificate, "--tls-key", key,
                                              "--tls-client-ca", wrong), capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(f"cannot use the file of authorities for clients {wrong}", done.stderr)
            done = subprocess.run(command("--jobs-db", "none", "--tls-client-ca", trusted), capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--tls-cert", done.stderr)

    def test_older_versions_and_other_protocols_are_refused(self):
        server = Server(self, "--jobs-db", "none", "--tls-self-signed")
        old = self.unverified()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaises(ssl.SSLError):
            self.connect(server, old)
        both = self.unverified()
        both.set_alpn_protocols(["h2", "http/1.1"])
        self.assertEqual(self.connect(server, both).selected_alpn_protocol(), "http/1.1")
        other = self.unverified()
        other.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError):
            self.connect(server, other)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertFalse(plain.recv(100).startswith(b"HTTP"))
        self.assertEqual(server.ask("GET", "/health")[0], 200)

    def test_a_renewed_certificate_is_taken_on_sighup_and_a_damaged_one_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = make_certificate(folder, "one")
            server = Server(self, "--jobs-db", "none", "--tls-cert", certificate, "--tls-key", key)

            def in_use():
                shown = self.connect(server, self.unverified()).getpeercert(binary_form=True)
                return ssl.DER_cert_to_PEM_cert(shown).strip()

            def expires():
                connection = server.connect()
                connection.request("GET", "/metrics")
                text = connection.getresponse().read().decode()
                return float(re.search("^odordiff_tls_certificate_not_after_seconds (.*)$", text, re.MULTILINE)[1])

            self.assertEqual(in_use(), certificate.read_text().strip())
            first_expiry = expires()
            for name, promise in (("studio.example.com", "max-age=31536000"), ("localhost", None)):  # it holds for all ports
                connection = server.connect()
                connection.request("GET", "/health", headers={"Host": name})
                self.assertEqual(connection.getresponse().getheader("Strict-Transport-Security"), promise)
            held = server.connect()
            held.request("GET", "/health")
            held.getresponse().read()
            new_key, new_certificate = make_certificate(folder, "two", days=9)
            new_key.rename(key)
            new_certificate.rename(certificate)
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(eventually(lambda: in_use() == certificate.read_text().strip()))
            self.assertTrue(eventually(lambda: expires() > first_expiry + 6 * 86_400))
            held.request("GET", "/health")  # whoever is connected stays so
            self.assertEqual(held.getresponse().status, 200)
            good = certificate.read_text()
            certificate.write_text(good[:100])
            check = subprocess.run([BIN, "config", "check", "--tls-cert", certificate, "--tls-key", key], capture_output=True,
                                   text=True, timeout=60, check=False)
            self.assertEqual(check.returncode, 3)
            self.assertIn("cannot use the certificate", check.stderr)
            server.process.send_signal(signal.SIGHUP)
            certificate.write_text(good)
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(in_use(), good.strip())
            self.assertEqual(server.end(), 0)

    def test_files_that_are_no_good_are_said_at_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = make_certificate(folder, "one")
            other, _ = make_certificate(folder, "two")
            rubbish = pathlib.Path(folder, "rubbish")
            rubbish.write_text("no PEM", encoding="ascii")
            for one, two, says in ((rubbish, key, "rubbish"), (certificate, rubbish, "rubbish"),
                                   (pathlib.Path(folder, "none"), key, "none"), (certificate, other, "not that of")):
                done = subprocess.run(command("--jobs-db", "none", "--tls-cert", one, "--tls-key", two),
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(says, done.stderr)
            done = subprocess.run(command("--tls-cert", certificate), capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("--tls-key", done.stderr)


if __name__ == "__main__":
    unittest.main()
