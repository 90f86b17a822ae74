const DEFINED = Symbol.for("alyx.function");

/**
 * Declares a function: the shapes of its input and output, and what it does.
 * @param {{input?: object, output?: object, handler: Function}} definition
 */
export function defineFunction(definition) {
  if (typeof definition === "function") {
    return defineFunction({ handler: definition });
  }
  if (typeof definition?.handler !== "function") {
    throw new TypeError("defineFunction needs a handler: defineFunction({ async handler(input, ctx) { … } })");
  }
  return Object.freeze({ ...definition, [DEFINED]: true });
}

/** The function that a module exports, in any of the ways that are usual. */
export function definitionOf(module) {
  const candidates = [module.default, module.default?.default, module.handler, module.default?.handler, module];
  for (const candidate of candidates) {
    if (candidate?.[DEFINED]) return candidate;
  }
  for (const candidate of candidates) {
    if (typeof candidate === "function") return defineFunction(candidate);
    if (typeof candidate?.handler === "function") return defineFunction(candidate);
  }
  throw new TypeError("nothing to call is exported: write export default defineFunction({ async handler(input, ctx) { … } })");
}
