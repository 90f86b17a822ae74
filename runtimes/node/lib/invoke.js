// One call: checked, run, and what came of it.
import { database, functions } from "./database.js";
import { FunctionError } from "./errors.js";
import { Log, withLog } from "./logs.js";
import { bytesAsBase64 } from "./server.js";
import { validate } from "./validate.js";

/** Runs a call and gives the text of its answer. */
export async function invoke(worker, request, signal) {
  const began = performance.now();
  const log = new Log(worker.logLimit);
  const answer = await withLog(log, () => run(worker, request, signal, log));
  const rest = {
    logs: log.close(),
    duration_ms: Math.round((performance.now() - began) * 1000) / 1000,
  };
  return readable(`{"request_id":${JSON.stringify(request.request_id)},${answer},${JSON.stringify(rest).slice(1)}`);
}

// Half a surrogate pair is a text in JavaScript and nothing that UTF-8 can hold.
function readable(text) {
  if (!text.includes("\\ud")) return text;
  return text.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/gi, (found) => (found === "\\\\" ? found : "\ufffd"));
}

async function run(worker, request, signal, log) {
  try {
    const { definition } = worker;
    let input = request.input;
    if (definition.input) {
      const checked = validate(definition.input, input);
      if (checked.faults) throw invalid(checked.faults);
      input = checked.value;
    }
    const output = await definition.handler(input, context(worker, request.context, signal, log));
    return `"success":true,"output":${encode(output)}`;
  } catch (error) {
    return `"success":false,"error":${JSON.stringify(failure(error))}`;
  }
}

function context(worker, { auth, request, internal_token: token, timeout_ms: timeout }, signal, log) {
  const ask = (path, body, Refusal) => worker.server.ask(path, token, body, Refusal);
  return {
    auth,
    request,
    signal,
    env: worker.env,
    log: log.methods(),
    db: database(ask),
    fn: functions(ask),
    timeoutMs: timeout,
  };
}

function encode(output) {
  let text;
  try {
    text = JSON.stringify(output === undefined ? null : output, strict);
  } catch (error) {
    throw new FunctionError(`the output is not JSON: ${error.message}`, { code: "OUTPUT_NOT_JSON" });
  }
  if (text === undefined) {
    throw new FunctionError("the output is not JSON: it is a function or a symbol", { code: "OUTPUT_NOT_JSON" });
  }
  return text;
}

// JSON.stringify is silent about numbers that JSON does not have.
function strict(key, value) {
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${key || "it"} is ${value}`);
  if (typeof value === "function" || typeof value === "symbol") throw new TypeError(`${key || "it"} is a ${typeof value}`);
  // These would become {} without a word: most often an await was forgotten.
  if (value instanceof Promise || value instanceof Map || value instanceof Set) {
    throw new TypeError(`${key || "it"} is a ${value.constructor.name}`);
  }
  return bytesAsBase64.call(this, key, value);
}

function invalid(faults) {
  const message = faults.length === 1 ? `${faults[0].field || "the input"} ${faults[0].message}` : `${faults.length} fields are not valid`;
  return new FunctionError(message, { status: 400, code: "VALIDATION_ERROR", details: faults });
}

// Whatever was thrown, also what has no text or throws when it is asked for one.
function failure(error) {
  try {
    const stack = typeof error?.stack === "string" ? error.stack : undefined;
    if (error instanceof FunctionError) {
      const status = Number.isInteger(error.status) && error.status >= 400 && error.status <= 599 ? error.status : 500;
      return { code: String(error.code), message: String(error.message), status, details: safe(error.details), stack };
    }
    const message = String(error instanceof Error ? error.message : error);
    return { code: "FUNCTION_ERROR", message, status: 500, stack };
  } catch {
    return { code: "FUNCTION_ERROR", message: "something without a text was thrown", status: 500 };
  }
}

function safe(details) {
  try {
    return details === undefined ? undefined : JSON.parse(JSON.stringify(details, bytesAsBase64) ?? "null");
  } catch {
    return "what cannot be said in JSON";
  }
}
