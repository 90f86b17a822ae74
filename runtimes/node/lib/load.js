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

/** The folder that holds all code of the function, what is shared too: the one called `function`, where there is one. */
function root(folder) {
  const parts = folder.split(path.sep);
  const last = parts.lastIndexOf("function");
  return last < 0 ? folder : parts.slice(0, last + 1).join(path.sep);
}

/** The first place of the stack that is within the function's folder. */
function place(stack, folder) {
  // A package that is missing is told with the file that wants it.
  const wanting = /imported from (\/[^\n]+)/.exec(stack)?.[1];
  if (wanting !== undefined) return { file: path.relative(root(folder), wanting) };
  const pattern = /(?:file:\/\/)?(\/[^\s():]+):(\d+)(?::(\d+))?/g;
  for (const [, file, line, column] of stack.matchAll(pattern)) {
    const relative = path.relative(root(folder), decodeURI(file));
    if (relative.startsWith("..") || relative.includes("node_modules")) continue;
    return { file: relative, line: Number(line), column: column === undefined ? undefined : Number(column) };
  }
  return {};
}
