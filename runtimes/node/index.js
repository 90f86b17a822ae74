// What functions import.
export { FunctionError, DatabaseError } from "./lib/errors.js";
export { defineFunction } from "./lib/define.js";
export { inc, mul, min, max, push, pull, addToSet } from "./lib/operators.js";
