// What a call logs, and whatever it prints while it runs.
import { AsyncLocalStorage } from "node:async_hooks";

/** Longest message, in characters. */
const LONGEST = 8192;
const calls = new AsyncLocalStorage();

/** The log of one call, cut at a limit. */
export class Log {
  entries = [];
  #left;
  #rest = { info: "", error: "" };
  #ended = false;

  constructor(limit) {
    this.#left = limit;
  }

  add(level, message, data) {
    if (this.#ended) return;
    let text = typeof message === "string" ? message : String(message);
    if (text.length > LONGEST) text = `${text.slice(0, LONGEST)}…`;
    const entry = { level, message: text, data: plain(data), time: new Date().toISOString() };
    const size = text.length + (entry.data === undefined ? 0 : JSON.stringify(entry.data).length);
    if (size > this.#left) {
      this.#left = -1;
      this.#ended = true;
      this.entries.push({ level: "warn", message: "more was logged than is kept", time: entry.time });
      return;
    }
    this.#left -= size;
    this.entries.push(entry);
  }

  /** Takes what was printed, line by line. */
  print(level, chunk) {
    if (this.#ended) return;
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
    this.#ended = true;
    return this.entries;
  }

  /** ctx.log */
  methods() {
    const at = (level) => (message, data) => this.add(level, message, data);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  }
}

/** Data as JSON can say it, or what it is in words. */
function plain(data) {
  if (data === undefined) return undefined;
  if (data instanceof Error) return { name: data.name, message: data.message, stack: data.stack };
  try {
    const text = JSON.stringify(data);
    return text === undefined ? String(data) : JSON.parse(text);
  } catch {
    return String(data);
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
      if (log === undefined) return write(chunk, encoding, done);
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      log.print(level, text);
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) queueMicrotask(callback);
      return true;
    };
  }
}
