import { AppError } from '../../kernel/app-error.js';

/**
 * The database cannot be reached, stopped in the middle of it, or has no connection left: a 503 that says when to come
 * again. What was asked may have been done when only the answer to its commit was lost.
 */
export class DatabaseAwayError extends AppError {
  /** @param isUnsent true when it is known that nothing was asked. */
  constructor(
    cause: unknown,
    readonly isUnsent = false,
  ) {
    super('overloaded', {
      message: 'The database does not answer right now. Please try again.',
      headers: { 'retry-after': '1' },
      cause,
    });
  }
}

/** Of Prisma, of Node's sockets, and of Postgres: class 08, a server that stops, starts or is full, and a statement's time limit. */
const codes =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|08...|57P0[1-3]|57014|25P03|53300)$/;

/** Of Prisma's driver adapter. */
const kinds = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;

/** What pg throws without a code. */
const texts =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/;

/** Passes on what `work` gives and throws. @throws DatabaseAwayError in place of what a driver throws of a lost database. */
export async function orDatabaseAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAway(error) ? new DatabaseAwayError(error) : error;
  }
}

/** Drivers' errors as they come: by themselves, as the adapter's, or within one of Prisma's. */
interface DriverError {
  readonly code?: unknown;
  readonly cause?: AdapterCause;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: AdapterCause } };
}

interface AdapterCause {
  readonly kind?: unknown;
  readonly originalCode?: unknown;
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AppError) return false;
  const { code, cause, meta } = error as DriverError;
  const { kind, originalCode } = meta?.driverAdapterError?.cause ?? cause ?? {};
  return matches(codes, code) || matches(codes, originalCode) || matches(kinds, kind) || texts.test(error.message);
}

function matches(form: RegExp, value: unknown): boolean {
  return typeof value === 'string' && form.test(value);
}
