// The worker over a real socket, with a server of the test's own for calls back.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { validate } from "../lib/validate.js";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "alyx-node-"));
const asked = [];
let answers = [];
let back;

before(async () => {
  back = http.createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      asked.push({ path: request.url, token: request.headers.authorization, body: JSON.parse(Buffer.concat(chunks)) });
      const answer = answers.shift() ?? [200, {}];
      if (answer === "drop") return request.socket.destroy();
      const [status, body] = answer;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise((resolve) => back.listen(path.join(folder, "server.sock"), resolve));
});

after(() => {
  back.close();
  back.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function ask(socket, method, url, body, signal) {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: socket, method, path: url, signal }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks)) }));
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

let count = 0;

/** Runs a function's source; the worker ends with the test. */
async function serve(context, source, { env = {}, log_limit = 262144 } = {}) {
  count += 1;
  const entry = path.join(folder, `f${count}.mjs`);
  const socket = path.join(folder, `${count}.sock`);
  writeFileSync(entry, source.replaceAll("@alyx/functions", path.join(here, "..", "index.js")));
  const told = { function: "f", entry, socket, server: path.join(folder, "server.sock"), env, log_limit };
  const child = spawn(process.execPath, [path.join(here, "..", "worker.mjs")], {
    env: { ALYX_WORKER: JSON.stringify(told), PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.output = "";
  child.stdout.on("data", (data) => (child.output += data));
  child.exited = new Promise((resolve) => child.on("exit", resolve));
  context.after(() => child.kill("SIGKILL"));
  for (;;) {
    try {
      const health = await ask(socket, "GET", "/health");
      const invoke = (input, rest = {}, signal = undefined) =>
        ask(socket, "POST", "/invoke", { request_id: "r", function: "f", input, context: { auth: null, request: {}, internal_token: "secret", timeout_ms: 1000, ...rest } }, signal).then((answer) => answer.body);
      return { child, health, invoke, socket };
    } catch (error) {
      if (!["ENOENT", "ECONNREFUSED"].includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

const shown = (value) => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(shown);
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, shown(v)]));
  return value;
};

test("inputs are checked as the vectors say", () => {
  const cases = JSON.parse(readFileSync(path.join(here, "../../vectors/validation.json")));
  assert.ok(cases.length > 20);
  for (const { name, shape, input, output, faults } of cases) {
    const checked = validate(shape, input);
    const found = checked.faults?.map(({ field, code }) => ({ field, code }));
    assert.deepEqual(found ?? shown(checked.value), faults ?? output, name);
  }
});

test("a function answers, refuses and fails", async (context) => {
  const { health, invoke, socket } = await serve(context, `
    import { FunctionError, defineFunction } from "@alyx/functions";
    export default defineFunction({
      input: { do: "string" },
      handler({ do: what }, ctx) {
        if (what === "refuse") throw new FunctionError("no", { status: 418, code: "TEAPOT", details: [1] });
        if (what === "fail") throw new TypeError("broke");
        if (what === "nan") return { n: NaN };
        if (what === "cycle") { const a = {}; a.a = a; return a; }
        if (what === "bytes") return { b: new Uint8Array([1, 2]), text: "é😀\\u0000" };
      },
    });`);
  assert.deepEqual(health, { status: 200, body: { ready: true, input: { do: "string" }, output: null } });
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  const refused = await invoke({ do: "refuse" });
  assert.deepEqual({ ...refused.error, stack: undefined }, { code: "TEAPOT", message: "no", status: 418, details: [1], stack: undefined });
  const failed = await invoke({ do: "fail" });
  assert.deepEqual([failed.success, failed.error.code, failed.error.status, failed.error.message], [false, "FUNCTION_ERROR", 500, "broke"]);
  assert.match(failed.error.stack, /f\d+\.mjs:/);
  for (const what of ["nan", "cycle"]) assert.equal((await invoke({ do: what })).error.code, "OUTPUT_NOT_JSON");
  assert.deepEqual((await invoke({ do: "bytes" })).output, { b: "AQI=", text: "é😀\u0000" });
  assert.equal((await invoke({ do: "nothing" })).output, null);
  const invalid = await invoke({ does: 1 });
  assert.deepEqual(invalid.error.details.map(({ field, code }) => [field, code]), [["do", "REQUIRED"], ["does", "UNKNOWN_FIELD"]]);
});

test("each call has its own log, also beside others", async (context) => {
  const { child, invoke } = await serve(context, `
    setTimeout(() => console.log("outside"), 5);
    export default async (n, ctx) => {
      for (let i = 0; i < 20; i += 1) {
        console.log("call", n);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      ctx.log.warn("done", { n, circular: globalThis });
    };`);
  const all = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => invoke(n)));
  all.forEach(({ logs }, index) => {
    assert.deepEqual(logs.slice(0, 20).map(({ message }) => message), Array(20).fill(`call ${index + 1}`));
    assert.equal(logs[20].level, "warn");
  });
  assert.match(child.output, /outside/);
});

test("logs are cut at the limit", async (context) => {
  const { invoke } = await serve(context, `export default () => { for (let i = 0; i < 1000; i += 1) console.log("x".repeat(100)); };`, { log_limit: 1000 });
  const { logs } = await invoke(null);
  assert.equal(logs.length, 11);
  assert.deepEqual([logs[10].level, logs[10].message], ["warn", "more was logged than is kept"]);
});

test("calls back carry the token, and a conflict is tried again", async (context) => {
  const { invoke } = await serve(context, `
    export default async (_, ctx) => ({
      n: await ctx.db.system.transaction(async (tx) => {
        await tx.posts.update("a", { n: ctx.db.inc(2) });
        return (await tx.posts.get("a")).n;
      }),
      other: await ctx.fn.other({ x: 1 }),
    });`);
  asked.length = 0;
  answers = [
    [200, { transaction_id: "t1" }], [409, { error: "stale", code: "TRANSACTION_CONFLICT" }], [404, { error: "gone", code: "NOT_FOUND" }],
    [200, { transaction_id: "t2" }], [200, { doc: {} }], [200, { doc: { n: 7 } }], [200, { status: "committed" }],
    [200, { output: "hi" }],
  ];
  const { output } = await invoke(null);
  assert.deepEqual(output, { n: 7, other: "hi" });
  assert.deepEqual(asked.map(({ path: p, token }) => [p, token]).at(0), ["/internal/v1/db/tx", "Bearer secret"]);
  assert.deepEqual(asked[1].body, { as: "system", transaction: "t1", collection: "posts", op: "update", id: "a", data: { n: { $inc: 2 } } });
  assert.deepEqual(asked[6].body, { action: "commit", transaction: "t2" });
  assert.deepEqual([asked[7].path, asked[7].body], ["/internal/v1/functions/other", { input: { x: 1 } }]);
});

test("a call that is given up is told", async (context) => {
  const { invoke } = await serve(context, `
    let told = false;
    export default async (what, ctx) => {
      if (what === "wait") { ctx.signal.addEventListener("abort", () => { told = true; }); await new Promise((resolve) => setTimeout(resolve, 60000)); }
      return told;
    };`);
  const given = new AbortController();
  const waiting = invoke("wait", {}, given.signal);
  await invoke("look");
  given.abort();
  await assert.rejects(waiting);
  while ((await invoke("look")).output !== true) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("the environment is the function's own", async (context) => {
  const { invoke } = await serve(context, "export default (_, ctx) => ({ own: ctx.env, all: Object.keys(process.env) });", { env: { KEY: "v" } });
  const { output } = await invoke(null);
  assert.deepEqual(output.own, { KEY: "v" });
  assert.ok(output.all.includes("KEY") && !output.all.some((name) => name.startsWith("ALYX")));
});

test("what does not load says where", async (context) => {
  const thrown = await serve(context, "\n\nthrow new Error('at once');\n");
  assert.equal(thrown.health.status, 500);
  assert.deepEqual([thrown.health.body.ready, thrown.health.body.error.line], [false, 3]);
  assert.match(thrown.health.body.error.file, /^f\d+\.mjs$/);
  const empty = await serve(context, "export const x = 1;\n");
  assert.match(empty.health.body.error.message, /nothing to call is exported/);
});

test("an error that nobody can catch ends the worker", async (context) => {
  const { child, invoke } = await serve(context, "export default () => { setTimeout(() => { throw new Error('late'); }); return new Promise(() => {}); };");
  await assert.rejects(invoke(null));
  assert.notEqual(await child.exited, 0);
});

test("whatever is thrown or logged, the call has an answer", async (context) => {
  const { invoke } = await serve(context, `
    import { FunctionError } from "@alyx/functions";
    const half = "a" + String.fromCharCode(0xd800);
    const ACTS = {
      nothing() { throw Object.create(null); },
      odd() { const error = new Error("x"); error.message = 10n; throw error; },
      changed() { const error = new FunctionError("no", { status: 418 }); error.status = "4xx"; error.code = 7; throw error; },
      half(ctx) { ctx.log.info(half, { half, big: 10n, bare: Object.create(null) }); ctx.log.info(Object.create(null)); return half; },
      promise: () => ({ forgotten: Promise.resolve(1) }),
      lines() { for (let n = 0; n < 200000; n += 1) process.stdout.write("\\n"); },
    };
    export default (what, ctx) => ACTS[what](ctx);`);
  for (const what of ["nothing", "odd"]) {
    const { error } = await invoke(what);
    assert.deepEqual([error.code, error.status, typeof error.message], ["FUNCTION_ERROR", 500, "string"], what);
  }
  const { error } = await invoke("changed");
  assert.deepEqual([error.code, error.status], ["7", 500]);
  const half = await invoke("half");
  assert.equal(half.output, "a\ufffd");
  assert.deepEqual([half.logs.length, half.logs[0].message], [2, "a\ufffd"]);
  assert.equal((await invoke("promise")).error.code, "OUTPUT_NOT_JSON");
  assert.ok((await invoke("lines")).logs.length <= 10001);
});

test("a write is sent once, and names of the language are no functions", async (context) => {
  const { invoke } = await serve(context, `
    export default async (what, ctx) => {
      if (what === "names") { await ctx.fn; ctx.log.info("db", ctx.db); return String(JSON.stringify({ fn: ctx.fn })); }
      if (what === "id") return ctx.db.posts.get(undefined);
      await ctx.db.posts.first();
      return ctx.db.posts.create({ a: 1 });
    };`);
  asked.length = 0;
  assert.equal((await invoke("names")).output, "{}");
  assert.match((await invoke("id")).error.message, /an id is text or a number/);
  assert.equal(asked.length, 0);
  answers = [[200, { docs: [] }], "drop"];
  assert.equal((await invoke("write")).error.code, "UNREACHABLE");
  assert.equal(asked.filter(({ body }) => body.op === "create").length, 1);
});

test("a shape with a misspelt key does not load", async (context) => {
  const { health } = await serve(context, "export default { input: { a: { type: 'string', maxLenght: 1 } }, handler: () => 1 };");
  assert.match(health.body.error.message, /there is no "maxLenght" in a shape/);
});

test("common forms of modules load, and a missing package is told with its file", async (context) => {
  const missing = await serve(context, "import 'no-such-package';\nexport default () => 1;\n");
  assert.match(missing.health.body.error.file, /^f\d+\.mjs$/);
  const plain = await serve(context, "export const handler = (input) => input;\n");
  assert.equal((await plain.invoke(3)).output, 3);
});

test("process.exit in a call is told on standard error", async (context) => {
  const { child, invoke } = await serve(context, "export default () => process.exit(7);");
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  await assert.rejects(invoke(null));
  assert.equal(await child.exited, 7);
  while (!/exit code 7 in the middle of 1 calls/.test(said)) await new Promise((resolve) => setTimeout(resolve, 5));
});
