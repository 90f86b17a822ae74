"""What a worker must bear: functions that misbehave, names that are hostile, a server that goes away."""

import http.client
import pathlib
import socket
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import test_worker as worker_tests  # noqa: E402


def until(holds):
    deadline = time.monotonic() + 30
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError("it never came to hold")
        time.sleep(0.005)


class Edges(unittest.TestCase):
    setUp = worker_tests.Tests.setUp
    serve = worker_tests.Tests.serve

    def test_a_handler_that_cancels_itself_is_answered(self):
        for word in ("async def", "def"):
            source = f"import asyncio\n{word} handler(_, ctx):\n    raise asyncio.CancelledError()\n"
            self.assertEqual(self.serve(source).invoke()["error"]["code"], "FUNCTION_ERROR")

    def test_a_closed_connection_cancels_the_call(self):
        begun, told = self.folder / "begun", self.folder / "cancelled"
        worker = self.serve(
            "import asyncio, pathlib\n"
            "async def handler(input, ctx):\n"
            f"    pathlib.Path({str(begun)!r}).touch()\n"
            "    try:\n        await asyncio.Event().wait()\n"
            "    except asyncio.CancelledError:\n"
            f"        pathlib.Path({str(told)!r}).touch()\n        raise\n"
        )
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(worker.socket)
            connection.sendall(b"POST /invoke HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            until(begun.exists)
        until(told.exists)
        self.assertEqual(worker.ask("GET", "/health")[0], 200)

    def test_the_health_is_told_while_calls_run(self):
        begun = self.folder / "begun"
        worker = self.serve(
            f"import pathlib, threading\ndef handler(_, ctx):\n    pathlib.Path({str(begun)!r}).touch()\n    threading.Event().wait()\n"
        )
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(worker.socket)
            connection.sendall(b"POST /invoke HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            until(begun.exists)
            self.assertEqual(worker.ask("GET", "/health")[0], 200)

    def test_sys_exit_ends_the_worker_whatever_its_threads_do(self):
        for word in ("async def", "def"):
            worker = self.serve(
                "import sys, threading\n"
                f"{word} handler(_, ctx):\n    threading.Thread(target=threading.Event().wait).start()\n    sys.exit(3)\n"
            )
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                worker.invoke()
            self.assertEqual(worker.process.wait(30), 3)
            self.assertIn(b"sys.exit(3)", worker.process.stderr.read())

    def test_a_name_from_an_input_reaches_no_other_path(self):
        worker = self.serve("async def handler(name, ctx):\n    return await ctx.fn(name)\n")
        for name, path in (
            ("../db/exec", "..%2Fdb%2Fexec"),
            ("x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "x%20HTTP%2F1.1%0D%0AContent-Length%3A%200%0D%0A%0D%0A"),
        ):
            self.back.answers.append((404, {"error": "there is no such function", "code": "NOT_FOUND"}))
            self.assertEqual(worker.invoke(name)["error"]["code"], "NOT_FOUND")
            self.assertEqual(self.back.asked[-1][0], f"/internal/v1/functions/{path}")

    def test_what_was_sent_once_is_not_sent_again(self):
        source = "async def handler(_, ctx):\n    await ctx.db.posts.create({'n': 1})\n    await ctx.db.posts.create({'n': 2})\n"
        for source in (source, source.replace("async ", "").replace("await ", "")):
            self.back.asked.clear()
            # The second is taken, and the connection lost before its answer.
            self.back.answers[:] = [(200, {"doc": {}})]
            self.assertEqual(self.serve(source).invoke()["error"]["status"], 503)
            self.assertEqual([body["data"]["n"] for _, _, body in self.back.asked], [1, 2])

    def test_what_cannot_be_stored_is_no_fault_of_the_output(self):
        error = self.serve("async def handler(_, ctx):\n    await ctx.db.posts.create({'n': {1}})\n").invoke()["error"]
        self.assertEqual((error["code"], error["message"]), ("FUNCTION_ERROR", "a set is not JSON"))

    def test_operators_are_on_the_database_too(self):
        source = "async def handler(_, ctx):\n    return [ctx.db.inc(2), ctx.db.push(1, 2), ctx.db.addToSet(3)]\n"
        expected = [{"$inc": 2}, {"$push": {"$each": [1, 2]}}, {"$addToSet": 3}]
        self.assertEqual(self.serve(source).invoke()["output"], expected)

    def test_logs_are_bounded_whatever_is_printed(self):
        worker = self.serve("def handler(n, ctx):\n    for _ in range(n):\n        print()\n")
        logs = worker.invoke(20_000)["logs"]
        self.assertEqual((len(logs), logs[-1]["level"]), (10_001, "warn"))
        worker = self.serve("def handler(text, ctx):\n    for _ in range(9):\n        print(text)\n", log_limit=1000)
        self.assertEqual(len(worker.invoke("😀" * 100)["logs"]), 3)
        worker = self.serve("def handler(_, ctx):\n    ctx.log.info('é' * 5000)\n    ctx.log.info('after')\n")
        logs = worker.invoke()["logs"]
        self.assertEqual([len(entry["message"].encode()) for entry in logs], [8192, 5, 28])

    def test_bytes_and_logging_belong_to_the_call(self):
        source = "import logging, sys\nasync def handler(_, ctx):\n    sys.stdout.buffer.write(b'raw\\n')\n    logging.getLogger('a').info('said')\n"
        logs = self.serve(source).invoke()["logs"]
        self.assertEqual([(entry["level"], entry["message"]) for entry in logs], [("info", "raw"), ("info", "said")])
        self.assertEqual(logs[1]["data"], {"logger": "a"})

    def test_imports_are_relative_or_shared_and_hide_no_library(self):
        own, shared = self.folder / "own", self.folder / "_shared"
        own.mkdir()
        shared.mkdir()
        (shared / "text.py").write_text("VALUE = 1\n")
        (own / "beside.py").write_text("VALUE = 2\n")
        (own / "email.py").write_text("VALUE = 3\n")
        self.folder = own
        worker = self.serve(
            "import urllib.request, asyncio\n"
            "from . import beside\nfrom .beside import VALUE\nfrom ._shared import text\nfrom _shared.text import VALUE as absolute\n"
            "async def none(): pass\nasyncio.run(none())\n"
            "async def handler(_, ctx):\n    return [text.VALUE, absolute, beside.VALUE]\n"
        )
        self.assertEqual(worker.status, 200, worker.health)
        self.assertEqual(worker.invoke()["output"], [1, 1, 2])
        self.folder = own.parent

    def test_a_pattern_ends_where_the_text_ends(self):
        shape = {"a": {"type": "string", "pattern": "^[0-9$]+$"}, "b": {"type": "string", "pattern": r"^\d\$$"}}
        for value, codes in (({"a": "1$", "b": "1$"}, []), ({"a": "1\n", "b": "\u0663$"}, ["PATTERN", "PATTERN"])):
            self.assertEqual([fault["code"] for fault in worker_tests.validate(shape, value)[1]], codes)

    def test_what_is_no_call_is_refused(self):
        worker = self.serve("async def handler(_, ctx):\n    return 1\n")
        for sent in (b"POST /invoke HTTP/1.1\r\nContent-Length: 1\r\n\r\n{", b"POST /invoke HTTP/1.1\r\nContent-Length: 1\r\n\r\n1", b"nonsense\r\n\r\n"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(worker.socket)
                connection.sendall(sent)
                self.assertIn(b" 400 ", connection.recv(65536)[:20])
        self.assertEqual(worker.invoke()["output"], 1)


if __name__ == "__main__":
    unittest.main()
