"""A broker that takes TLS only."""

import subprocess

import pytest

from fleet import Worker, free_port, plain_app, until


@pytest.fixture
def encrypted(tmp_path):
    """The URL of a Redis with a certificate of its own."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--tls-cert-file", "cert.pem",
         "--tls-key-file", "key.pem", "--tls-ca-cert-file", "cert.pem", "--tls-auth-clients", "no", "--save", ""],
        cwd=tmp_path, stdout=subprocess.DEVNULL)
    yield f"rediss://127.0.0.1:{port}/0?ssl_cert_reqs=required&ssl_ca_certs={tmp_path / 'cert.pem'}"
    server.kill()
    server.wait()


def test_workers_and_senders_reach_it(encrypted, tmp_path):
    worker = Worker(tmp_path, encrypted, "-c", "1", "-Q", "preprocessing")
    try:
        sender = plain_app(encrypted, encrypted)
        sent = sender.send_task("odordiff.understand", ["no musk"], queue="preprocessing")
        until(sent.ready, 30)
        assert sent.result["weights"] == {"musk": -1.0}
    finally:
        worker.kill()
