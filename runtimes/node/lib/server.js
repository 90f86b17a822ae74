// Calls back to the server, over its socket.
import http from "node:http";

import { DatabaseError, FunctionError } from "./errors.js";

/** How long an idle connection is kept, in milliseconds. */
const IDLE = 2000;
/** Asking it twice does no harm. */
const READ = "/internal/v1/db/query";

/** The server as one call sees it. */
export class Server {
  #agent;
  #socket;

  constructor(socket) {
    this.#socket = socket;
    // An idle connection goes before the server would close it, so that hardly any is lost in the middle.
    this.#agent = new http.Agent({ keepAlive: true, timeout: IDLE });
  }

  /** Asks; a refusal is thrown as an error of the given class. */
  async ask(path, token, body, Refusal = DatabaseError) {
    const { status, text } = await this.#send(path, token, JSON.stringify(body, bytesAsBase64), path === READ);
    let answer;
    try {
      answer = JSON.parse(text);
    } catch {
      throw new FunctionError("the server's answer is no JSON", { status: 502, code: "BAD_ANSWER" });
    }
    if (status === 200) return answer;
    throw new Refusal(answer.error ?? "the server refused", { status, code: answer.code, details: answer.details });
  }

  #send(path, token, body, again) {
    return new Promise((resolve, reject) => {
      const request = http.request({
        socketPath: this.#socket,
        path,
        method: "POST",
        agent: this.#agent,
        headers: {
          host: "alyx",
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
      });
      request.on("response", (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
        response.on("error", reject);
      });
      request.on("error", (error) => {
        // A kept connection that the server had just closed; whether it saw a write nobody knows.
        if (again && request.reusedSocket && error.code === "ECONNRESET") {
          this.#send(path, token, body, false).then(resolve, reject);
        } else {
          reject(new FunctionError(`the server cannot be reached: ${error.message}`, { status: 503, code: "UNREACHABLE" }));
        }
      });
      request.end(body);
    });
  }
}

/** For JSON.stringify: bytes become base64 text anywhere. */
export function bytesAsBase64(key, value) {
  const original = this[key];
  if (original instanceof Uint8Array) {
    return Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString("base64");
  }
  return value;
}
