import { errorTable, type ErrorCode, type ErrorRow } from './error-codes.js';

export interface AppErrorOptions {
  /** Replaces the table's sentence. Never holds secrets, addresses or text of a driver. */
  readonly message?: string;
  /** The field of the request that is to blame. */
  readonly param?: string | null;
  /** Response headers that belong to the error, e.g. `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Shown in the log, never to the caller. */
  readonly cause?: unknown;
  /**
   * A short code of what went wrong outside of this platform, e.g. at a provider. Only the log shows it: as a warning, without
   * the causes, since nothing is amiss in here.
   */
  readonly reason?: string;
  /** Replaces the table's status: only for a provider's own 4xx that is passed on (contract section 5). */
  readonly status?: number;
  /** Replaces the body's `code`: only for a provider's own 4xx that is passed on (contract section 5). */
  readonly wireCode?: string | null;
}

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/**
 * The only error that a service throws on purpose. Its code names a row of the error table, which gives status,
 * OpenAI type and default sentence; the HTTP edge writes `body()` as it is.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** A provider's own 4xx that is passed on: unlike with an error of ours the request was sent to it. */
  readonly isProviders: boolean;
  /** See the option. Null where something may be amiss in here. */
  readonly reason: string | null;
  private readonly type: string;
  private readonly wireCode: string | null;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const row: ErrorRow = errorTable[code];
    const { stackTraceLimit } = Error;
    // A refusal is no fault of ours: nobody reads where it arose, and looking that up is most of its cost.
    if ((options.status ?? row.status) < 500) Error.stackTraceLimit = 0;
    super(options.message ?? row.message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'AppError';
    this.code = code;
    this.status = options.status ?? row.status;
    this.type = row.type;
    this.param = options.param ?? null;
    this.headers = row.headers === undefined ? (options.headers ?? noHeaders) : { ...row.headers, ...options.headers };
    this.reason = options.reason ?? null;
    this.isProviders = options.status !== undefined;
    if (options.wireCode !== undefined) this.wireCode = options.wireCode;
    else this.wireCode = row.wireCode === undefined ? code : row.wireCode;
  }

  /** The body in OpenAI's form, all four members present. */
  body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.wireCode } };
  }
}

/** What a caller is told of anything that was thrown: an AppError as it is, all else as an `internal_error` with it as its cause. */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal_error', { cause: error });
}

/** The answer to a call that finds no room now: 503 `overloaded`, to be tried again in a second. */
export function overloaded(cause?: unknown): AppError {
  return new AppError('overloaded', { headers: { 'retry-after': '1' }, cause });
}
