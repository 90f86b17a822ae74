"""The worker over a real socket, with a server of the test's own for calls back."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from alyx_functions.validate import validate  # noqa: E402


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("alyx")
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


class Back(socketserver.ThreadingUnixStreamServer):
    """The server that the function calls back; it answers what the test put up."""

    daemon_threads = True

    def __init__(self, path):
        self.asked, self.answers = [], []
        super().__init__(path, BackHandler)


class BackHandler(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            path, headers = line.split()[1].decode(), {}
            while (field := self.rfile.readline().strip()) != b"":
                name, _, value = field.decode().partition(": ")
                headers[name.lower()] = value
            body = json.loads(self.rfile.read(int(headers["content-length"])))
            self.server.asked.append((path, headers["authorization"], body))
            if not self.server.answers:
                return  # taken, and the connection lost before the answer
            status, answer = self.server.answers.pop(0)
            text = json.dumps(answer).encode()
            self.wfile.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(text)) + text)


class Worker:
    """A worker that serves a source."""

    def __init__(self, folder, source, server, env=None, log_limit=262144):
        self.entry = folder / f"f{time.monotonic_ns()}.py"
        self.socket = str(self.entry.with_suffix(".sock"))
        self.entry.write_text(source)
        told = {"function": "f", "entry": str(self.entry), "socket": self.socket, "server": server}
        told |= {"env": env or {}, "log_limit": log_limit}
        variables = {"ALYX_WORKER": json.dumps(told), "PYTHONPATH": str(HERE.parent), "PATH": os.environ["PATH"]}
        words = [sys.executable, "-B", "-m", "alyx_functions.worker"]
        self.process = subprocess.Popen(words, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.status, self.health = self.ask("GET", "/health")
                return
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)

    def ask(self, method, path, body=None):
        connection = Connection(self.socket)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def invoke(self, input=None):
        context = {"auth": None, "request": {}, "internal_token": "secret", "timeout_ms": 1000}
        return self.ask("POST", "/invoke", {"request_id": "r", "function": "f", "input": input, "context": context})[1]

    def close(self):
        self.process.kill()
        self.process.communicate()


def shown(value):
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


class Tests(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="alyx-py-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.back = Back(str(self.folder / "server.sock"))
        threading.Thread(target=self.back.serve_forever, daemon=True).start()
        self.addCleanup(self.back.server_close)
        self.addCleanup(self.back.shutdown)

    def serve(self, source, **rest):
        worker = Worker(self.folder, source, self.back.server_address, **rest)
        self.addCleanup(worker.close)
        return worker

    def test_inputs_are_checked_as_the_vectors_say(self):
        cases = json.loads((HERE.parent.parent / "vectors/validation.json").read_text())
        self.assertGreater(len(cases), 20)
        for case in cases:
            value, faults = validate(case["shape"], case["input"])
            found = [{"field": fault["field"], "code": fault["code"]} for fault in faults]
            self.assertEqual(found, case.get("faults", []), case["name"])
            if "output" in case:
                self.assertEqual(shown(value), case["output"], case["name"])

    def test_a_function_answers_refuses_and_fails(self):
        worker = self.serve(
            "from alyx_functions import FunctionError, define_function\n"
            "@define_function(input={'do': 'string'})\n"
            "async def handler(input, ctx):\n"
            "    match input['do']:\n"
            "        case 'refuse': raise FunctionError('no', 418, 'TEAPOT', [1])\n"
            "        case 'fail': raise TypeError('broke')\n"
            "        case 'nan': return float('nan')\n"
            "        case 'object': return object()\n"
            "        case 'bytes': return {'b': b'\\x01\\x02', 'text': 'é😀\\x00'}\n"
        )
        self.assertEqual((worker.status, worker.health["input"]), (200, {"do": "string"}))
        self.assertEqual(os.stat(worker.socket).st_mode & 0o777, 0o600)
        refused = worker.invoke({"do": "refuse"})["error"]
        self.assertEqual((refused["code"], refused["status"], refused["details"]), ("TEAPOT", 418, [1]))
        failed = worker.invoke({"do": "fail"})["error"]
        self.assertEqual((failed["code"], failed["status"], failed["message"]), ("FUNCTION_ERROR", 500, "broke"))
        for what in ("nan", "object"):
            self.assertEqual(worker.invoke({"do": what})["error"]["code"], "OUTPUT_NOT_JSON")
        self.assertEqual(worker.invoke({"do": "bytes"})["output"], {"b": "AQI=", "text": "é😀\x00"})
        details = worker.invoke({"does": 1})["error"]["details"]
        self.assertEqual([fault["code"] for fault in details], ["REQUIRED", "UNKNOWN_FIELD"])

    def test_each_call_has_its_own_log_in_coroutines_and_threads(self):
        for source in (
            "import asyncio\nasync def handler(n, ctx):\n    for _ in range(20):\n        print('call', n)\n        await asyncio.sleep(0.001)\n",
            "import time\ndef handler(n, ctx):\n    for _ in range(20):\n        print('call', n)\n        time.sleep(0.001)\n",
        ):
            worker = self.serve(source)
            with ThreadPoolExecutor(8) as threads:
                answers = list(threads.map(worker.invoke, range(8)))
            for n, answer in enumerate(answers):
                self.assertEqual([entry["message"] for entry in answer["logs"]], [f"call {n}"] * 20)

    def test_logs_are_cut_at_the_limit(self):
        worker = self.serve("def handler(_, ctx):\n    for _ in range(1000):\n        print('x' * 100)\n", log_limit=1000)
        logs = worker.invoke()["logs"]
        self.assertEqual((len(logs), logs[-1]["message"]), (11, "more was logged than is kept"))

    def test_a_conflict_is_tried_again_in_coroutines_and_threads(self):
        asynchronous = (
            "from alyx_functions import inc\n"
            "async def work(tx):\n    await tx.posts.update('a', {'n': inc(2)})\n    return (await tx.posts.get('a'))['n']\n"
            "async def handler(_, ctx):\n"
            "    return [await ctx.db.system.transaction(work), await ctx.fn.other({'x': 1})]\n"
        )
        for source in (asynchronous, asynchronous.replace("async ", "").replace("await ", "")):
            worker = self.serve(source)
            self.back.asked.clear()
            self.back.answers[:] = [
                (200, {"transaction_id": "t1"}),
                (409, {"error": "stale", "code": "TRANSACTION_CONFLICT"}),
                (404, {"error": "gone", "code": "NOT_FOUND"}),
                (200, {"transaction_id": "t2"}),
                (200, {"doc": {}}),
                (200, {"doc": {"n": 7}}),
                (200, {"status": "committed"}),
                (200, {"output": "hi"}),
            ]
            answer = worker.invoke()
            self.assertEqual(answer.get("output"), [7, "hi"], answer)
            self.assertEqual(self.back.asked[0][:2], ("/internal/v1/db/tx", "Bearer secret"))
            write = self.back.asked[1][2]
            self.assertEqual((write["as"], write["transaction"], write["data"]), ("system", "t1", {"n": {"$inc": 2}}))
            self.assertEqual(self.back.asked[7][0], "/internal/v1/functions/other")

    def test_the_environment_is_the_functions_own(self):
        source = "import os\ndef handler(_, ctx):\n    return [dict(ctx.env), sorted(os.environ)]\n"
        own, names = self.serve(source, env={"KEY": "v"}).invoke()["output"]
        self.assertEqual(own, {"KEY": "v"})
        self.assertIn("KEY", names)
        self.assertFalse([name for name in names if name.startswith("ALYX")])

    def test_what_does_not_load_says_where(self):
        for source, line in (("x = 1\n\nraise ValueError('at once')\n", 3), ("x = 1\ndef (\n", 2)):
            worker = self.serve(source)
            error = worker.health["error"]
            self.assertEqual((worker.status, error["file"], error["line"]), (500, worker.entry.name, line))
        self.assertIn("nothing to call", self.serve("x = 1\n").health["error"]["message"])

    def test_an_end_of_the_process_ends_the_call(self):
        worker = self.serve("import os\ndef handler(_, ctx):\n    os._exit(7)\n")
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            worker.invoke()
        self.assertEqual(worker.process.wait(), 7)


if __name__ == "__main__":
    unittest.main()
