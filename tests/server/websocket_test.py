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

    async def test_pages_of_listed_sites_may(self):
        origin = "https://studio.example.com"
        async with self.connect("--cors-origins", origin, origin=origin) as socket:
            await socket.send(json.dumps(BATCH))
            self.assertEqual((await answers(socket))[-1]["event"], "done")

    async def test_a_plain_request_is_told_to_upgrade(self):
        server = Server(self, "--jobs-db", "none")
        status, problem = server.ask("GET", "/ws/generate/batch")
        self.assertEqual((status, problem["type"]), (426, "urn:odordiff:problem:upgrade-required"))


HANDSHAKE = (b"GET /ws/generate/batch HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
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

    def exchange(self, *frames, handshake=HANDSHAKE):
        """All that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=60) as raw:
            raw.sendall(handshake)
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

    def parsed(self, answer):
        """(opcode, payload) of each frame that the server sent; servers mask nothing."""
        frames = []
        while answer:
            length, at = answer[1], 2
            self.assertLess(length, 128, "masked")
            if length == 126:
                length, at = int.from_bytes(answer[2:4], "big"), 4
            frames.append((answer[0] & 0x0F, answer[at:at + length]))
            answer = answer[at + length:]
        return frames

    def assert_closed(self, code, name, frames, before=(), handshake=HANDSHAKE):
        """What comes is `before`, then a close with this code."""
        got = self.parsed(self.exchange(*frames, handshake=handshake))
        self.assertEqual(tuple(got[:-1]), tuple(before), name)
        opcode, payload = got[-1]
        self.assertEqual((opcode, payload[:2]), (8, code.to_bytes(2, "big")), name)

    # The tables follow the categories of the Autobahn test suite, which itself runs on Python 2 only.

    def test_what_cannot_be_inflated(self):
        """Autobahn 12: garbage where compressed data should be."""
        handshake = HANDSHAKE[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
        self.assert_closed(1007, "garbage", [frame(0xC1, b"\xff\xff\xff\xff garbage \xff\xff")], handshake=handshake)

    def test_framing(self):
        """Autobahn 1, 3, 4, 5: lengths, reserved bits, opcodes, fragments."""
        cases = [("not masked", [frame(0x81, b"{}", mask=b"")]),
                 ("a continuation of nothing", [frame(0x80, b"{}")]),
                 ("a continuation of nothing, not the last", [frame(0x00, b"{}")]),
                 ("a text within a text", [frame(0x01, b"{"), frame(0x81, b"}")]),
                 ("a length in more bytes than it needs", [b"\x81\xfe\x00\x02\1\2\3\4" + b"zz"])]
        cases += [(f"reserved bits {bits:#x}", [frame(0x81 | bits, b"{}")]) for bits in (0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70)]
        cases += [(f"opcode {opcode}", [frame(0x80 | opcode, b"x")]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)]
        cases += [(f"control {opcode} in parts", [frame(opcode, b"x")]) for opcode in (8, 9, 10)]
        cases += [(f"control {opcode} of 126 bytes", [frame(0x80 | opcode, b"x" * 126)]) for opcode in (8, 9, 10)]
        for name, frames in cases:
            self.assert_closed(1002, name, frames)
            self.assert_closed(1002, name, [frame(0x89, b"first"), *frames], before=[(10, b"first")])
        self.assert_closed(1009, "a length beyond all bounds", [b"\x81\xff" + b"\xff" * 8 + b"\1\2\3\4"])

    def test_pings(self):
        """Autobahn 2: each ping has its pong, with its payload; pongs that nobody asked for are passed over."""
        end = frame(0x88, b"\x03\xe8")
        for payload in (b"", b"hello", bytes([0, 255, 254, 253, 252, 251, 0, 255]), b"\xfe" * 125):
            self.assert_closed(1000, payload, [frame(0x89, payload), end], before=[(10, payload)])
        self.assert_closed(1000, "ten", [frame(0x89, b"%d" % i) for i in range(10)] + [end],
                           before=[(10, b"%d" % i) for i in range(10)])
        self.assert_closed(1000, "pongs", [frame(0x8A, b""), frame(0x8A, b"unasked"), frame(0x89, b"a"), end], before=[(10, b"a")])
        slow = [bytes([byte]) for byte in frame(0x89, b"byte by byte") + end]
        self.assert_closed(1000, "byte by byte", slow, before=[(10, b"byte by byte")])
        # Between the parts of a message, whose answer comes later or not at all.
        got = self.parsed(self.exchange(frame(0x01, b"{"), frame(0x89, b"between"), frame(0x80, b"}"), end))
        self.assertEqual(got[0], (10, b"between"))

    def test_text_is_utf8(self):
        """Autobahn 6."""
        end = frame(0x88, b"\x03\xe8")
        for bad in (b"\xff\xfe", b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited", b"\xf4\x90\x80\x80", b"\xc0\xaf",
                    b"\xe0\x80\xaf", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xed\xbf\xbf", b"ends in \xf0\x9f"):
            self.assert_closed(1007, bad, [frame(0x81, bad)])
            self.assert_closed(1007, bad, [frame(0x01, bad[:1]), frame(0x00, b""), frame(0x80, bad[1:])])
        for good in ("\u00e9", "\u20ac", "\ud7ff", "\ue000", "\U0001f339", "\U0010ffff", "\ufffe"):
            text = json.dumps({"prompts": good}, ensure_ascii=False).encode()
            for parts in ([frame(0x81, text)], [frame(0x01, text[:14]), *(frame(0x00, text[i:i + 1]) for i in range(14, len(text))), frame(0x80, b"")]):
                got = self.parsed(self.exchange(*parts, end))
                self.assertEqual(got[-1][0], 8, good)
                self.assertNotEqual(got[-1][1][:2], b"\x03\xef", good)

    def test_closing(self):
        """Autobahn 7: every code that may be sent is answered by itself, no other is."""
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
            self.assert_closed(code, code, [frame(0x88, code.to_bytes(2, "big"))])
            self.assert_closed(code, code, [frame(0x88, code.to_bytes(2, "big") + b"r" * 123)])
        for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999):
            self.assert_closed(1002, code, [frame(0x88, code.to_bytes(2, "big"))])
        self.assert_closed(1000, "without a code", [frame(0x88, b"")])
        self.assert_closed(1002, "half a code", [frame(0x88, b"\x03")])
        self.assert_closed(1002, "a reason that is no UTF-8", [frame(0x88, b"\x03\xe8\xff")])
        self.assert_closed(1000, "what comes behind a close is not looked at",
                           [frame(0x88, b"\x03\xe8"), frame(0x89, b"x"), frame(0x81, b"{}"), frame(0x88, b"\x03\xe9")])

    def test_rubbish_ends_one_connection_and_no_other(self):
        chance = random.Random(4)
        for _ in range(200):
            self.exchange(*[chance.randbytes(chance.randint(1, 60)) for _ in range(chance.randint(1, 4))])
            self.exchange(frame(chance.choice([0x81, 0x01, 0x89, 0x88, 0xC1]), chance.randbytes(chance.randint(0, 300))))
        self.assertEqual(self.server.ask("GET", "/health")[0], 200)
        self.assertEqual(self.server.end(), 0)


if __name__ == "__main__":
    unittest.main()
