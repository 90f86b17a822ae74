// Types of @alyx/functions. Checked by test/types.ts under `tsc --strict`.

/** A document, as JSON has it. */
export type Document = Record<string, any>;

/** The project's collections; add to it by declaration merging to have them typed. */
export interface Collections {}

/** What a field of an input must be. A text stands for `{ type: text }`. */
export type Field = FieldType | FieldShape;
export type FieldType = "string" | "number" | "integer" | "boolean" | "array" | "object" | "bytes" | "any";

export interface FieldShape {
  type: FieldType;
  required?: boolean;
  optional?: boolean;
  nullable?: boolean;
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  enum?: readonly (string | number | boolean | null)[];
  minimum?: number;
  maximum?: number;
  items?: Field;
  minItems?: number;
  maxItems?: number;
  properties?: Shape;
}

export type Shape = { readonly [field: string]: Field };

type Types = { string: string; number: number; integer: number; boolean: boolean; bytes: Uint8Array; any: any };
type TypeOf<F> = F extends { type: infer T } ? T : F;
type Plain<F> = TypeOf<F> extends keyof Types
  ? Types[TypeOf<F>]
  : TypeOf<F> extends "array"
    ? (F extends { items: infer I } ? Value<I>[] : any[])
    : TypeOf<F> extends "object"
      ? (F extends { properties: infer P } ? InputOf<P> : Document)
      : any;
type Value<F> = F extends { nullable: true } ? Plain<F> | null : Plain<F>;
type IsOptional<F> = F extends { optional: true } | { required: false }
  ? F extends { default: unknown } ? false : true
  : false;

/** The input as a handler gets it. */
export type InputOf<S> = { [K in keyof S as IsOptional<S[K]> extends true ? never : K]: Value<S[K]> } & {
  [K in keyof S as IsOptional<S[K]> extends true ? K : never]?: Value<S[K]>;
};

export interface Query {
  where?: Record<string, unknown>;
  sort?: string[];
  limit?: number;
  offset?: number;
  cursor?: string;
  expand?: string[];
  fields?: string[];
  total?: boolean;
}

export interface Page<D> {
  docs: D[];
  total?: number;
  limit: number;
  offset: number;
  next_cursor: string | null;
}

export interface Collection<D = Document> {
  get(id: string | number, options?: { expand?: string[]; fields?: string[] }): Promise<D | null>;
  list(query?: Query): Promise<Page<D>>;
  first(query?: Query): Promise<D | null>;
  count(query?: { where?: Record<string, unknown> }): Promise<number>;
  create(data: Record<string, unknown>): Promise<D>;
  update(id: string | number, data: Record<string, unknown>): Promise<D>;
  upsert(data: Record<string, unknown>): Promise<D>;
  delete(id: string | number): Promise<void>;
}

export type Operation =
  | { op: "create" | "upsert"; collection: string; id?: string | number; data: Record<string, unknown> }
  | { op: "update"; collection: string; id: string | number; data: Record<string, unknown> }
  | { op: "delete"; collection: string; id: string | number };

/** A change that the database makes to what is stored. */
export interface Operator {
  readonly [operator: `$${string}`]: unknown;
}

export interface Operators {
  inc(amount?: number): Operator;
  mul(factor: number): Operator;
  min(value: unknown): Operator;
  max(value: unknown): Operator;
  push(...items: unknown[]): Operator;
  pull(item: unknown): Operator;
  addToSet(...items: unknown[]): Operator;
}

interface DatabaseMethods extends Operators {
  collection<D = Document>(name: string): Collection<D>;
  batch(operations: Operation[]): Promise<(Document | null)[]>;
}

type Named = { [K in keyof Collections]: Collection<Collections[K]> } & {
  readonly [name: string]: any;
};

/** The database in a transaction. */
export type Transaction = DatabaseMethods & { readonly system: Transaction } & Named;
/** The database as the caller, or by `system` past the rules. */
export type Database = DatabaseMethods & {
  readonly system: Database;
  /** Runs again after a conflict, so it should do nothing but ask the database. */
  transaction<T>(callback: (tx: Transaction) => Promise<T> | T): Promise<T>;
} & Named;

export interface Auth {
  id: string;
  email: string;
  role: string;
  verified: boolean;
  metadata: Record<string, unknown>;
}

export interface Context {
  readonly auth: Auth | null;
  readonly db: Database;
  readonly env: Readonly<Record<string, string>>;
  readonly fn: ((name: string, input?: unknown) => Promise<any>) & Record<string, (input?: unknown) => Promise<any>>;
  readonly log: Record<"debug" | "info" | "warn" | "error", (message: string, data?: unknown) => void>;
  readonly request: {
    readonly id: string;
    readonly trace_id: string;
    readonly method: string;
    readonly ip: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Aborted when the call is given up. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number | null;
}

export class FunctionError extends Error {
  constructor(message: string, options?: { status?: number; code?: string; details?: unknown; cause?: unknown });
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
}

export class DatabaseError extends FunctionError {}

export interface Definition<S extends Shape | undefined, I> {
  input?: S;
  output?: Shape;
  handler(input: I, ctx: Context): unknown;
}

/** Declares a function. */
export function defineFunction<const S extends Shape, I = InputOf<S>>(definition: Definition<S, I> & { input: S }): object;
export function defineFunction<I = any>(definition: Definition<undefined, I>): object;
export function defineFunction<I = any>(handler: (input: I, ctx: Context) => unknown): object;

export const inc: Operators["inc"];
export const mul: Operators["mul"];
export const min: Operators["min"];
export const max: Operators["max"];
export const push: Operators["push"];
export const pull: Operators["pull"];
export const addToSet: Operators["addToSet"];
