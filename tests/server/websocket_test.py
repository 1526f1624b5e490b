"""WebSocket as a public client library speaks it: batches, compression, pings, limits, and how it ends."""

import asyncio
import json
import random
import socket
import unittest

import websockets

from odordiff_server import Server

BATCH = {"prompts": ["rose", "lemon"], "num_molecules": 1}


async def answers(socket):
    """The events that answer one message, up to the last."""
    events = []
    while True:
        events.append(json.loads(await socket.recv()))
        if events[-1]["event"] in ("done", "error"):
            return events


class WebSocket(unittest.IsolatedAsyncioTestCase):
    def connect(self, *options, **more):
        self.server = Server(self, "--jobs-db", "none", *options)
        return websockets.connect(f"ws://127.0.0.1:{self.server.port}/ws/generate/batch", **more)

    async def test_each_message_is_answered_in_turn(self):
        async with self.connect() as socket:
            await socket.send(json.dumps(BATCH))
            await socket.send(json.dumps({**BATCH, "prompts": ["musk"]}))
            events = await answers(socket)
            results = [event for event in events if event["event"] == "results"]
            self.assertEqual([event["data"]["results"][0]["prompt"] for event in results], ["rose", "lemon"])
            self.assertEqual([event["id"] for event in results], [1, 2])
            self.assertEqual((await answers(socket))[-1]["data"]["total"], 1)

    async def test_compression_is_agreed_upon(self):
        async with self.connect() as socket:
            self.assertEqual([type(extension).__name__ for extension in socket.extensions], ["PerMessageDeflate"])
            await socket.send(json.dumps({**BATCH, "prompts": ["rose " * 150]}))
            self.assertEqual((await answers(socket))[-1]["event"], "done")
        async with websockets.connect(f"ws://127.0.0.1:{self.server.port}/ws/generate/batch", compression=None) as socket:
            self.assertEqual(socket.extensions, [])
            await socket.send(json.dumps(BATCH))
            self.assertEqual((await answers(socket))[-1]["event"], "done")

    async def test_pings_are_answered_also_during_work(self):
        async with self.connect() as socket:
            await socket.send(json.dumps(BATCH))
            await asyncio.wait_for(await socket.ping(b"hello"), 60)
            self.assertEqual((await answers(socket))[-1]["event"], "done")

    async def test_what_is_wrong_with_a_message_is_said_and_the_socket_stays(self):
        async with self.connect() as socket:
            for text in ("no JSON", "[]", '{"prompts": []}', '{"prompts": ["rose"], "unknown": 1}'):
                await socket.send(text)
                event = (await answers(socket))[-1]
                self.assertEqual(event["event"], "error")
                self.assertIn(event["data"]["status"], (400, 422))
            await socket.send(json.dumps(BATCH))
            self.assertEqual((await answers(socket))[-1]["event"], "done")

    async def closes_with(self, code, socket, *messages):
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            for message in messages:
                await socket.send(message)
            while True:
                await socket.recv()
        self.assertEqual(closed.exception.rcvd.code, code)

    async def test_bytes_are_not_taken(self):
        async with self.connect() as socket:
            await self.closes_with(1003, socket, b"\x00\x01")

    async def test_a_message_beyond_the_limit_is_not_taken(self):
        async with self.connect("--max-body", "4") as socket:
            await self.closes_with(1009, socket, "x" * 5000)

    async def test_a_small_frame_that_inflates_beyond_the_limit_is_not_taken(self):
        async with self.connect("--max-body", "64") as socket:
            await self.closes_with(1009, socket, "x" * 1_000_000)

    async def test_messages_do_not_pile_up(self):
        many = {"prompts": ["rose"] * 50, "num_molecules": 5}
        async with self.connect() as socket:
            await self.closes_with(1008, socket, *[json.dumps(many)] * 12)

    async def test_a_shutdown_closes_with_going_away(self):
        async with self.connect() as socket:
            await socket.send(json.dumps(BATCH))
            await answers(socket)
            self.server.process.terminate()
            await self.closes_with(1001, socket)
        self.assertEqual(self.server.process.wait(timeout=60), 0)

    async def test_pages_of_other_sites_may_not_open_it(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            async with self.connect(origin="http://elsewhere.example"):
                pass
        self.assertEqual(refused.exception.status_code, 403)

    async def test_a_plain_request_is_told_to_upgrade(self):
        server = Server(self, "--jobs-db", "none")
        status, problem = server.ask("GET", "/ws/generate/batch")
        self.assertEqual((status, problem["type"]), (426, "urn:odordiff:problem:upgrade-required"))


HANDSHAKE = (b"GET /ws/generate/batch HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def frame(first, payload, mask=b"\1\2\3\4", length=None):
    """A frame as a client sends it: first byte, masked payload; `length` lies about it."""
    length = len(payload) if length is None else length
    head = bytes([first, (0x80 if mask else 0) | (length if length < 126 else 126)])
    head += length.to_bytes(2, "big") if length >= 126 else b""
    return head + mask + bytes(byte ^ (mask[i % 4] if mask else 0) for i, byte in enumerate(payload))


class Frames(unittest.TestCase):
    def setUp(self):
        self.server = Server(self, "--jobs-db", "none")

    def exchange(self, *frames):
        """All that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=60) as raw:
            raw.sendall(HANDSHAKE)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += raw.recv(4096)
            self.assertIn(b" 101 ", answer)
            answer = answer.partition(b"\r\n\r\n")[2]
            try:
                for one in frames:
                    raw.sendall(one)
                raw.shutdown(socket.SHUT_WR)
                while part := raw.recv(4096):
                    answer += part
            except ConnectionError:
                pass
            return answer

    def test_what_is_no_frame_is_closed_with_its_code(self):
        for code, name, frames in (
                (1002, "not masked", [frame(0x81, b"{}", mask=b"")]),
                (1002, "reserved bits", [frame(0xB1, b"{}")]),
                (1002, "an unknown kind", [frame(0x83, b"{}")]),
                (1002, "a long ping", [frame(0x89, b"x" * 126)]),
                (1002, "a ping in parts", [frame(0x09, b"x")]),
                (1002, "a continuation of nothing", [frame(0x80, b"{}")]),
                (1002, "a text within a text", [frame(0x01, b"{"), frame(0x81, b"}")]),
                (1007, "text that is no UTF-8", [frame(0x81, b"\xff\xfe")]),
                (1002, "a close with a code that nobody may send", [frame(0x88, (1005).to_bytes(2, "big"))])):
            answer = self.exchange(*frames)
            self.assertEqual(answer[:1], b"\x88", (name, answer))
            self.assertEqual(int.from_bytes(answer[2:4], "big"), code, name)

    def test_rubbish_ends_one_connection_and_no_other(self):
        chance = random.Random(4)
        for _ in range(200):
            self.exchange(*[chance.randbytes(chance.randint(1, 60)) for _ in range(chance.randint(1, 4))])
            self.exchange(frame(chance.choice([0x81, 0x01, 0x89, 0x88, 0xC1]), chance.randbytes(chance.randint(0, 300))))
        self.assertEqual(self.server.ask("GET", "/health")[0], 200)
        self.assertEqual(self.server.end(), 0)


if __name__ == "__main__":
    unittest.main()
