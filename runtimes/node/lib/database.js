// ctx.db: collections by name, as the caller or as the system, in a transaction or not.
import { FunctionError } from "./errors.js";
import * as operators from "./operators.js";

/** What the language itself asks of anything that is awaited or shown. */
const UNNAMED = ["then", "toJSON"];
/** Times that a transaction is tried again after a conflict. */
const TRIES = 5;

/** The database for one call. `place` is what every request carries: `as`, and `transaction` inside of one. */
export function database(ask, place = { as: "caller" }) {
  const collection = (name) => new Collection(name, place, ask);
  const own = {
    collection,
    // Its `system` has a `system` of its own, without end.
    toJSON: () => "[database]",
    ...operators,
    batch: async (operations) => (await ask("/internal/v1/db/exec", { ...place, operations })).results,
    get system() {
      return database(ask, { ...place, as: "system" });
    },
  };
  if (place.transaction === undefined) {
    own.transaction = (callback) => transaction(ask, place, callback);
  }
  return new Proxy(own, {
    get(target, name) {
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return target[name];
      // What is awaited is asked for `then`; the database is no promise.
      return UNNAMED.includes(name) ? undefined : collection(name);
    },
  });
}

class Collection {
  #name;
  #place;
  #ask;

  constructor(name, place, ask) {
    this.#name = name;
    this.#place = place;
    this.#ask = ask;
  }

  #query(query) {
    return this.#ask("/internal/v1/db/query", { ...this.#place, collection: this.#name, ...query });
  }

  async #write(op, rest) {
    const answer = await this.#ask("/internal/v1/db/exec", { ...this.#place, collection: this.#name, op, ...rest });
    return answer.doc;
  }

  async get(id, options = {}) {
    if (typeof id !== "string" && typeof id !== "number") throw new TypeError(`an id is text or a number, not ${typeof id}`);
    return (await this.#query({ ...options, id })).doc;
  }

  list(query = {}) {
    return this.#query(query);
  }

  async first(query = {}) {
    return (await this.#query({ ...query, limit: 1, total: false })).docs[0] ?? null;
  }

  async count(query = {}) {
    return (await this.#query({ ...query, limit: 1, total: true })).total;
  }

  create(data) {
    return this.#write("create", { data });
  }

  update(id, data) {
    return this.#write("update", { id, data });
  }

  upsert(data) {
    return this.#write("upsert", { data });
  }

  async delete(id) {
    await this.#write("delete", { id });
  }
}

async function transaction(ask, place, callback) {
  for (let attempt = 1; ; attempt += 1) {
    const { transaction_id: id } = await ask("/internal/v1/db/tx", { action: "begin" });
    const end = (action) => ask("/internal/v1/db/tx", { action, transaction: id });
    try {
      const result = await callback(database(ask, { ...place, transaction: id }));
      await end("commit");
      return result;
    } catch (error) {
      // What has ended already cannot be rolled back, and need not be.
      await end("rollback").catch(() => undefined);
      if (error?.code !== "TRANSACTION_CONFLICT" || attempt > TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
    }
  }
}

/** ctx.fn: other functions by name. */
export function functions(ask) {
  const call = async (name, input = {}) => (await ask(`/internal/v1/functions/${encodeURIComponent(name)}`, { input }, FunctionError)).output;
  return new Proxy(call, {
    get: (target, name) => {
      if (typeof name === "symbol" || UNNAMED.includes(name)) return target[name];
      return (input) => call(name, input);
    },
  });
}
