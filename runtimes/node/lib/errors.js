/** An error that a function answers with: its status, code and details reach the caller as they are. */
export class FunctionError extends Error {
  /**
   * @param {string} message what went wrong, for the caller
   * @param {{status?: number, code?: string, details?: unknown, cause?: unknown}} [options]
   */
  constructor(message, { status = 500, code = "FUNCTION_ERROR", details, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "FunctionError";
    this.status = Number.isInteger(status) && status >= 400 && status <= 599 ? status : 500;
    this.code = String(code);
    this.details = details;
  }
}

/** What the database answered instead of doing what was asked, as in the REST API. */
export class DatabaseError extends FunctionError {
  constructor(message, options) {
    super(message, options);
    this.name = "DatabaseError";
  }
}
