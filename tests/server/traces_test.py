"""What a request spent its time on, as an OpenTelemetry collector hears of it."""

import http.server
import json
import queue
import threading
import unittest

from odordiff_server import Server

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """Takes OTLP over HTTP on loopback; `refusals` of its answers are 503 first."""

    def __init__(self, test, refusals=0):
        self.bodies, left = queue.Queue(), [refusals]
        bodies = self.bodies

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                left[0] -= 1
                self.send_response(503 if left[0] >= 0 else 200)
                self.end_headers()
                if left[0] < 0:
                    bodies.put((self.path, self.headers["Content-Type"], json.loads(body)))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)

    def spans(self, trace, wanted):
        """Spans of the trace by their names, once so many of them came."""
        found = []
        while len(found) < wanted:
            path, media_type, body = self.bodies.get(timeout=60)
            assert (path, media_type) == ("/v1/traces", "application/json"), (path, media_type)
            for resource in body["resourceSpans"]:
                names = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
                assert names["service.name"] == "odordiff", names
                for scope in resource["scopeSpans"]:
                    found += [span for span in scope["spans"] if trace in ("", span["traceId"])]
        return {span["name"]: span for span in found}


class Traces(unittest.TestCase):
    BODY = {"brief": "fresh rose", "count": 2}

    def test_a_request_is_told_of_from_its_first_byte_to_the_batch(self):
        collector = Collector(self, refusals=1)
        server = Server(self, "--jobs-db", "none", "--otlp-endpoint", collector.url, "--trace-share", "0")
        server.ask("GET", "/health")  # nobody asked for its trace
        status, _ = server.ask("POST", "/v1/generate", self.BODY, {"traceparent": f"00-{TRACE}-{CALLER}-01"})
        self.assertEqual(status, 200)
        spans = collector.spans("", 6)
        self.assertEqual(set(spans), {"POST /v1/generate", "queue", "generate", "encode", "sample", "score"})
        root, whole = spans["POST /v1/generate"], spans["generate"]
        self.assertEqual({span["traceId"] for span in spans.values()}, {TRACE})
        self.assertEqual((root["parentSpanId"], root["kind"]), (CALLER, 2))
        for name, parent in (("queue", root), ("generate", root), ("encode", whole), ("sample", whole), ("score", whole)):
            self.assertEqual(spans[name]["parentSpanId"], parent["spanId"], name)
            self.assertLessEqual(int(spans[name]["startTimeUnixNano"]), int(spans[name]["endTimeUnixNano"]))
            self.assertLessEqual(int(spans[name]["endTimeUnixNano"]), int(parent["endTimeUnixNano"]) + 1_000_000, name)
        said = {a["key"]: next(iter(a["value"].values())) for a in root["attributes"] + whole["attributes"]}
        self.assertEqual((said["http.route"], said["http.response.status_code"]), ("/v1/generate", "200"))
        self.assertEqual(said["odordiff.molecules"], "2")
        self.assertGreater(int(said["odordiff.batch.steps"]), 0)
        self.assertGreaterEqual(said["odordiff.batch.mean_sequences"], 1)
        self.assertEqual(server.end(), 0)

    def test_all_are_told_of_unless_a_share_is_set_and_the_last_ones_at_the_end(self):
        collector = Collector(self)
        server = Server(self, "--jobs-db", "none", "--otlp-endpoint", collector.url)
        for _ in range(3):
            server.ask("GET", "/health")
        self.assertEqual(server.end(), 0)
        self.assertEqual(collector.spans("", 3)["GET /health"]["kind"], 2)

    def test_a_collector_that_is_away_takes_nothing_from_the_service(self):
        server = Server(self, "--jobs-db", "none", "--otlp-endpoint", "http://127.0.0.1:9")
        self.assertEqual(server.ask("POST", "/v1/generate", self.BODY)[0], 200)
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
