// An input against the shape that a function declares. See "Shapes" in ../../README.md.

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const KEYS = [
  "type", "optional", "required", "nullable", "default", "minLength", "maxLength", "pattern", "enum", "minimum",
  "maximum", "items", "minItems", "maxItems", "properties",
];
/** Most faults that are told. */
const MOST = 1000;
const TYPES = ["string", "number", "integer", "boolean", "array", "object", "bytes", "any"];

/** Checks a shape when the function is loaded, so that a mistake in it is told at once. */
export function checkShape(shape, where = "input") {
  if (shape === null || typeof shape !== "object" || Array.isArray(shape)) {
    throw new TypeError(`${where} must be an object from fields to what they must be`);
  }
  for (const [name, field] of Object.entries(shape)) checkField(field, `${where}.${name}`);
}

function checkField(field, where) {
  const rule = whole(field);
  if (!TYPES.includes(rule?.type)) {
    throw new TypeError(`${where}: the type must be one of ${TYPES.join(", ")}, not ${JSON.stringify(rule?.type)}`);
  }
  const unknown = Object.keys(rule).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new TypeError(`${where}: there is no ${JSON.stringify(unknown)} in a shape`);
  if (rule.pattern !== undefined) new RegExp(rule.pattern, "u");
  if (rule.items !== undefined) checkField(rule.items, `${where}[]`);
  if (rule.properties !== undefined) checkShape(rule.properties, where);
}

const whole = (field) => (typeof field === "string" ? { type: field } : field);

/**
 * The input as the handler gets it, or every fault.
 * @returns {{value: unknown} | {faults: {field: string, code: string, message: string}[]}}
 */
export function validate(shape, input) {
  const faults = [];
  const value = object(shape, input, "", faults);
  return faults.length > 0 ? { faults } : { value };
}

function object(shape, input, path, faults) {
  if (input === null || typeof input !== "object" || Array.isArray(input)) {
    return refuse(faults, path, "TYPE", "must be an object");
  }
  const value = {};
  const below = (name) => (path === "" ? name : `${path}.${name}`);
  for (const [name, field] of Object.entries(shape)) {
    const rule = whole(field);
    if (Object.hasOwn(input, name)) {
      set(value, name, one(rule, input[name], below(name), faults));
    } else if (rule.default !== undefined) {
      set(value, name, structuredClone(rule.default));
    } else if (rule.optional !== true && rule.required !== false) {
      refuse(faults, below(name), "REQUIRED", "is required");
    }
  }
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(shape, name)) refuse(faults, below(name), "UNKNOWN_FIELD", "is no field of the input");
  }
  return value;
}

// A field called __proto__ is a field like any other.
function set(target, name, value) {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

function refuse(faults, field, code, message) {
  if (faults.length < MOST) faults.push({ field, code, message });
  return undefined;
}

function one(rule, value, path, faults) {
  if (value === null && rule.type !== "any") {
    return rule.nullable ? null : refuse(faults, path, "TYPE", `must be ${article(rule.type)}, not null`);
  }
  const checked = KINDS[rule.type](rule, value, path, faults);
  if (rule.enum && checked !== undefined && !rule.enum.some((allowed) => allowed === checked)) {
    return refuse(faults, path, "NOT_ALLOWED", `must be one of ${rule.enum.map((v) => JSON.stringify(v)).join(", ")}`);
  }
  return checked;
}

const article = (type) => (/^[aio]/.test(type) ? `an ${type}` : `a ${type}`);
const wrong = (rule, path, faults) => refuse(faults, path, "TYPE", `must be ${article(rule.type)}`);

const KINDS = {
  any: (_, value) => value,
  boolean: (rule, value, path, faults) => (typeof value === "boolean" ? value : wrong(rule, path, faults)),
  string(rule, value, path, faults) {
    if (typeof value !== "string") return wrong(rule, path, faults);
    const fits = rule.minLength === undefined && rule.maxLength === undefined
      || length(rule, [...value].length, "characters", path, faults);
    if (rule.pattern !== undefined && !new RegExp(rule.pattern, "u").test(value)) {
      return refuse(faults, path, "PATTERN", `must match ${rule.pattern}`);
    }
    return fits ? value : undefined;
  },
  number(rule, value, path, faults) {
    if (typeof value !== "number" || !Number.isFinite(value)) return wrong(rule, path, faults);
    return range(rule, value, path, faults);
  },
  integer(rule, value, path, faults) {
    if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > 2 ** 53) return wrong(rule, path, faults);
    return range(rule, value, path, faults);
  },
  bytes(rule, value, path, faults) {
    if (typeof value !== "string") return wrong(rule, path, faults);
    if (!BASE64.test(value)) return refuse(faults, path, "NOT_BASE64", "must be base64");
    const bytes = Buffer.from(value, "base64");
    return length(rule, bytes.length, "bytes", path, faults) ? bytes : undefined;
  },
  array(rule, value, path, faults) {
    if (!Array.isArray(value)) return wrong(rule, path, faults);
    if (value.length < (rule.minItems ?? 0)) refuse(faults, path, "TOO_FEW", `needs ${rule.minItems} items or more`);
    if (value.length > (rule.maxItems ?? Infinity)) refuse(faults, path, "TOO_MANY", `takes ${rule.maxItems} items at most`);
    if (rule.items === undefined) return value;
    const items = whole(rule.items);
    return value.map((item, index) => one(items, item, `${path}[${index}]`, faults));
  },
  object(rule, value, path, faults) {
    if (typeof value !== "object" || Array.isArray(value)) return wrong(rule, path, faults);
    return rule.properties === undefined ? value : object(rule.properties, value, path, faults);
  },
};

function length(rule, count, unit, path, faults) {
  if (count < (rule.minLength ?? 0)) return refuse(faults, path, "TOO_SHORT", `needs ${rule.minLength} ${unit} or more`) ?? false;
  if (count > (rule.maxLength ?? Infinity)) return refuse(faults, path, "TOO_LONG", `takes ${rule.maxLength} ${unit} at most`) ?? false;
  return true;
}

function range(rule, value, path, faults) {
  if (value < (rule.minimum ?? -Infinity)) return refuse(faults, path, "TOO_SMALL", `must be ${rule.minimum} or more`);
  if (value > (rule.maximum ?? Infinity)) return refuse(faults, path, "TOO_BIG", `must be ${rule.maximum} or less`);
  return value;
}
