// Loading the function, and saying where it is wrong where it does not load.
import path from "node:path";
import { pathToFileURL } from "node:url";

import { definitionOf } from "./define.js";
import { checkShape } from "./validate.js";

/** The function of a file: `{definition}`, or `{error}` with its place. */
export async function load(entry) {
  try {
    const definition = definitionOf(await import(pathToFileURL(entry).href));
    if (definition.input !== undefined && definition.input !== null) checkShape(definition.input, "input");
    if (definition.output !== undefined && definition.output !== null) checkShape(definition.output, "output");
    return { definition };
  } catch (error) {
    return { error: describe(error, path.dirname(entry)) };
  }
}

function describe(error, folder) {
  const stack = typeof error?.stack === "string" ? error.stack : String(error);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const found = place(stack, folder);
  return { message, ...found, stack };
}

/** The first place of the stack that is within the function's folder. */
function place(stack, folder) {
  const pattern = /(?:file:\/\/)?(\/[^\s():]+):(\d+)(?::(\d+))?/g;
  for (const [, file, line, column] of stack.matchAll(pattern)) {
    const relative = path.relative(folder, decodeURI(file));
    if (relative.startsWith("..") || relative.includes("node_modules")) continue;
    return { file: relative, line: Number(line), column: column === undefined ? undefined : Number(column) };
  }
  return {};
}
