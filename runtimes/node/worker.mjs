// The worker: one function, behind a socket of its own. See ../README.md for what it speaks.
import { writeSync } from "node:fs";
import http from "node:http";

import { invoke } from "./lib/invoke.js";
import { load } from "./lib/load.js";
import { catchOutput } from "./lib/logs.js";
import { Server } from "./lib/server.js";

const told = JSON.parse(process.env.ALYX_WORKER ?? "null");
delete process.env.ALYX_WORKER;
if (told === null) {
  process.stderr.write("this program is started by Alyx, which tells it what to serve\n");
  process.exit(2);
}
Object.assign(process.env, told.env);

const worker = {
  env: Object.freeze({ ...told.env }),
  logLimit: told.log_limit ?? 262144,
  server: new Server(told.server),
  definition: null,
};

/** Calls that run now. */
let running = 0;
process.on("exit", (code) => {
  if (running > 0) writeSync(2, `the process ended with exit code ${code} in the middle of ${running} calls\n`);
});

const loading = load(told.entry).then(({ definition, error }) => {
  worker.definition = definition ?? null;
  return error;
});

const server = http.createServer((request, response) => {
  if (request.method === "GET" && request.url === "/health") return void health(response);
  if (request.method === "POST" && request.url === "/invoke") return void call(request, response);
  answer(response, 404, '{"error":"there is nothing here"}');
});
// The server decides how long a connection is kept and how long a call takes.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.headersTimeout = 0;
server.timeout = 0;
const umask = process.umask(0o177);
server.listen(told.socket, () => process.umask(umask));
catchOutput();

async function health(response) {
  const error = await loading;
  if (error) return answer(response, 500, JSON.stringify({ ready: false, error }));
  const { input = null, output = null } = worker.definition;
  answer(response, 200, JSON.stringify({ ready: true, input, output }));
}

function call(request, response) {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const ended = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) ended.abort(new Error("the call was given up"));
    });
    const error = await loading;
    if (error) return answer(response, 500, JSON.stringify({ ready: false, error }));
    let asked;
    try {
      asked = JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      return answer(response, 400, '{"error":"the body is not JSON"}');
    }
    // Whoever asked may have gone while the function was loaded.
    if (response.destroyed) return;
    running += 1;
    const text = await invoke(worker, asked, ended.signal).finally(() => (running -= 1));
    answer(response, 200, text);
  });
}

function answer(response, status, text) {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
