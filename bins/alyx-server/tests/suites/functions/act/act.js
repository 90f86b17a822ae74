import { spawn } from "node:child_process";
import { FunctionError, defineFunction } from "@alyx/functions";

let kept;
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const attempt = async (run) => {
  try {
    return await run();
  } catch (error) {
    return { status: error.status, code: error.code };
  }
};

const ACTS = {
  echo: (input) => input.value,
  bytes: () => Buffer.from([0, 255, 16]),
  refuse: () => {
    throw new FunctionError("short and stout", { status: 418, code: "TEAPOT", details: { spout: 1 } });
  },
  fail: () => {
    throw new Error("it broke");
  },
  sleep: (input) => later(input.ms),
  loop: () => {
    for (;;);
  },
  fork: async () => {
    const children = [];
    for (let n = 0; n < 2000; n += 1) {
      children.push(new Promise((resolve) => spawn("sleep", ["30"]).on("error", resolve)));
    }
    await Promise.race([Promise.all(children), later(20000)]);
  },
  allocate: () => Buffer.alloc(1 << 30, 1).length,
  large: () => "x".repeat(100 << 20),
  print: (input) => {
    for (const line of input.lines) console.log(line);
    console.error("and this");
  },
  flood: () => {
    const line = `${"x".repeat(1023)}\n`;
    for (let n = 0; n < 100 * 1024; n += 1) process.stdout.write(line);
  },
  exit: () => process.exit(7),
  environment: (_, ctx) => ({ all: process.env, own: ctx.env }),
  who: (_, ctx) => ctx.auth,
  call: (input, ctx) => ctx.fn(input.name, input.input),
  call_refused: (input, ctx) => attempt(() => ctx.fn(input.name, input.input)),
  recurse: (_, ctx) => ctx.fn.act({ do: "recurse" }),
  read: async (_, ctx) => (await ctx.db.system.counters.get("a"))?.n ?? null,
  caller: (_, ctx) => attempt(() => ctx.db.closed.list()),
  add: (_, ctx) =>
    ctx.db.system.transaction(async (tx) => {
      const { n } = await tx.counters.get("a");
      await later(5);
      await tx.counters.update("a", { n: n + 1 });
      return (await tx.counters.get("a")).n;
    }),
  roll_back: (_, ctx) =>
    attempt(() =>
      ctx.db.system.transaction(async (tx) => {
        await tx.counters.update("a", { n: 1000 });
        throw new FunctionError("no", { status: 400, code: "CHANGED_MY_MIND" });
      }),
    ),
  abandon: (_, ctx) =>
    ctx.db.system.transaction(async (tx) => {
      await tx.counters.update("a", { n: 2000 });
      process.exit(1);
    }),
  increment: (_, ctx) => ctx.db.system.counters.update("a", { n: ctx.db.inc(1) }),
  keep: (_, ctx) => {
    kept = ctx;
  },
  reuse: () => attempt(() => kept.db.system.counters.get("a")),
};

export default defineFunction({
  handler(input, ctx) {
    return ACTS[input.do](input, ctx);
  },
});
