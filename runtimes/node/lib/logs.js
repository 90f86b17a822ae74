// What a call logs, and whatever it prints while it runs.
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

/** Longest message, in bytes. */
const LONGEST = 8192;
/** Most entries of one call. */
const MOST = 10000;
const calls = new AsyncLocalStorage();

/** The log of one call, cut at a limit. */
export class Log {
  entries = [];
  #left;
  #rest = { info: "", error: "" };
  /** Whether it takes nothing more. */
  ended = false;
  #closed = false;

  constructor(limit) {
    this.#left = limit;
  }

  add(level, message, data) {
    if (this.ended) return;
    const entry = { level, message: cut(words(message)), data: plain(data), time: new Date().toISOString() };
    const size = Buffer.byteLength(entry.message) + (entry.data === undefined ? 0 : Buffer.byteLength(JSON.stringify(entry.data)));
    if (size > this.#left || this.entries.length >= MOST) {
      this.ended = true;
      this.entries.push({ level: "warn", message: "more was logged than is kept", time: entry.time });
      return;
    }
    this.#left -= size;
    this.entries.push(entry);
  }

  /** Takes what was printed, line by line. */
  print(level, chunk) {
    if (this.ended) return;
    const lines = (this.#rest[level] + chunk).split("\n");
    this.#rest[level] = lines.pop();
    for (const line of lines) this.add(level, line);
    if (this.#rest[level].length > LONGEST) {
      this.add(level, this.#rest[level]);
      this.#rest[level] = "";
    }
  }

  /** Ends it: what is logged later belongs to no call. */
  close() {
    for (const level of ["info", "error"]) {
      if (this.#rest[level] !== "") this.add(level, this.#rest[level]);
    }
    this.ended = true;
    this.#closed = true;
    return this.entries;
  }

  /** Whether its call has ended, so that what is printed now is nobody's. */
  get closed() {
    return this.#closed;
  }

  /** ctx.log */
  methods() {
    const at = (level) => (message, data) => this.add(level, message, data);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }
}

/** What was said, as text. */
function words(message) {
  if (typeof message === "string") return message;
  try {
    return String(message);
  } catch {
    return inspect(message);
  }
}

/** The beginning that fits, without half a character at its end. */
function cut(text) {
  if (text.length * 3 <= LONGEST || Buffer.byteLength(text) <= LONGEST) return text;
  return `${Buffer.from(text).subarray(0, LONGEST).toString().replace(/\ufffd+$/u, "")}…`;
}

/** Data as JSON can say it, or what it is in words. */
function plain(data) {
  if (data === undefined) return undefined;
  if (data instanceof Error) return { name: data.name, message: data.message, stack: data.stack };
  try {
    const text = JSON.stringify(data);
    return text === undefined ? inspect(data) : JSON.parse(text);
  } catch {
    return inspect(data);
  }
}

/** Runs a call with its own log. */
export const withLog = (log, run) => calls.run(log, run);

/** From now on what is printed inside of a call is that call's. */
export function catchOutput() {
  for (const [stream, level] of [[process.stdout, "info"], [process.stderr, "error"]]) {
    const write = stream.write.bind(stream);
    stream.write = (chunk, encoding, done) => {
      const log = calls.getStore();
      if (log === undefined || log.closed) return write(chunk, encoding, done);
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      log.print(level, text);
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) queueMicrotask(callback);
      return true;
    };
  }
}
