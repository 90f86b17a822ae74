import asyncio
import os
import subprocess
import sys

from alyx_functions import FunctionError, inc

kept = None


async def attempt(awaitable):
    try:
        return await awaitable
    except Exception as error:
        return {"status": error.status, "code": error.code}


def refuse():
    raise FunctionError("short and stout", 418, "TEAPOT", {"spout": 1})


def loop():
    while True:
        pass


def fork():
    children = []
    for _ in range(2000):
        try:
            children.append(subprocess.Popen(["sleep", "30"]))
        except OSError:
            break
    for child in children:
        child.wait()


async def add(tx):
    n = (await tx.counters.get("a"))["n"]
    await asyncio.sleep(0.005)
    await tx.counters.update("a", {"n": n + 1})
    return (await tx.counters.get("a"))["n"]


async def roll_back(tx):
    await tx.counters.update("a", {"n": 1000})
    raise FunctionError("no", 400, "CHANGED_MY_MIND")


async def abandon(tx):
    await tx.counters.update("a", {"n": 2000})
    os._exit(1)


async def handler(input, ctx):
    global kept
    match input["do"]:
        case "echo":
            return input["value"]
        case "bytes":
            return bytes([0, 255, 16])
        case "refuse":
            refuse()
        case "fail":
            raise ValueError("it broke")
        case "sleep":
            await asyncio.sleep(input["ms"] / 1000)
        case "loop":
            loop()
        case "fork":
            fork()
        case "allocate":
            return len(bytearray(b"x" * (1 << 30)))
        case "large":
            return "x" * (100 << 20)
        case "print":
            for line in input["lines"]:
                print(line)
            print("and this", file=sys.stderr)
        case "flood":
            line = "x" * 1023 + "\n"
            for _ in range(100 * 1024):
                sys.stdout.write(line)
        case "exit":
            os._exit(7)
        case "environment":
            return {"all": dict(os.environ), "own": dict(ctx.env)}
        case "who":
            return ctx.auth
        case "call":
            return await ctx.fn(input["name"], input["input"])
        case "call_refused":
            return await attempt(ctx.fn(input["name"], input["input"]))
        case "recurse":
            return await ctx.fn.act({"do": "recurse"})
        case "read":
            doc = await ctx.db.system.counters.get("a")
            return doc and doc["n"]
        case "caller":
            return await attempt(ctx.db.closed.list())
        case "add":
            return await ctx.db.system.transaction(add)
        case "roll_back":
            return await attempt(ctx.db.system.transaction(roll_back))
        case "abandon":
            await ctx.db.system.transaction(abandon)
        case "increment":
            return await ctx.db.system.counters.update("a", {"n": inc(1)})
        case "keep":
            kept = ctx
        case "reuse":
            return await attempt(kept.db.system.counters.get("a"))
