import { AppError } from '../../kernel/app-error.js';
import { Prisma } from './generated/client.js';

/** What Prisma says of its own statements, and what its driver adapter says of plain SQL. */
const uniqueViolation = { code: 'P2002', kind: 'UniqueConstraintViolation' } as const;
const referenceViolation = { code: 'P2003', kind: 'ForeignKeyConstraintViolation' } as const;
const writeConflict = { code: 'P2034', kind: 'TransactionWriteConflict' } as const;
const plainSqlFailed = 'P2010';

/**
 * A value that is already taken, as the conflict (409) that the caller gets; undefined for any other error.
 * @param kind what was written, as its `object` member says it: `key`, `admin_token`.
 * @param name how people tell it from others, where that is by more than one field.
 */
export function translateUnique(error: unknown, kind: string, name?: string): AppError | undefined {
  if (!isKnown(error, uniqueViolation)) return undefined;
  const field = fieldOfUnique(constraintOf(error));
  const words = kind.replaceAll('_', ' ');
  if (name !== undefined)
    return new AppError('conflict', { cause: error, message: `The ${words} "${name}" exists already: change that one.` });
  if (field === undefined)
    return new AppError('conflict', { cause: error, message: `Another ${words} already has these values.` });
  return new AppError('conflict', { cause: error, param: field, message: `Another ${words} already has this ${field}.` });
}

/** A deletion that others stand in the way of, as the conflict (409) that the caller gets; undefined for any other error. */
export function translateStillUsed(error: unknown, kind: string): AppError | undefined {
  if (!isKnown(error, referenceViolation)) return undefined;
  const users = tableOf(constraintOf(error))?.replaceAll('_', ' ') ?? 'other objects';
  return new AppError('conflict', { cause: error, message: `The ${kind.replaceAll('_', ' ')} is still used by ${users}.` });
}

/** A write that names an object which was removed meanwhile, as a conflict (409); undefined for any other error. */
export function translateMissingReference(error: unknown, kind: string): AppError | undefined {
  if (!isKnown(error, referenceViolation) && !hasSqlState(error, '23503')) return undefined;
  return new AppError('conflict', {
    cause: error,
    message: `The ${kind.replaceAll('_', ' ')} refers to an object that was removed meanwhile.`,
  });
}

/** Two changes that waited for each other: one of them was ended and is a conflict (409); undefined for any other error. */
export function translateWriteConflict(error: unknown): AppError | undefined {
  if (!isKnown(error, writeConflict)) return undefined;
  return new AppError('conflict', {
    cause: error,
    message: 'Another change of the same objects is being made. Please try again.',
  });
}

/** True when a statement of plain SQL waited for another transaction longer than its `lock_timeout`. */
export function isLockTimeout(error: unknown): boolean {
  return hasSqlState(error, '55P03');
}

/** True when a statement of plain SQL was given a value that the database knows nothing of, such as a time zone. */
export function isInvalidParameter(error: unknown): boolean {
  return hasSqlState(error, '22023');
}

/** As the driver says it of plain SQL, or Prisma of what the driver said. */
function hasSqlState(error: unknown, state: string): boolean {
  if (error instanceof Error && (error as { readonly code?: unknown }).code === state) return true;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== plainSqlFailed) return false;
  return causeOf(error)?.originalCode === state;
}

/** Runs a create or update; what the database refuses comes as an AppError conflict. @param name as for `translateUnique`. */
export async function writing<T>(kind: string, work: () => Promise<T>, name?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateUnique(error, kind, name) ?? translateMissingReference(error, kind) ?? translateWriteConflict(error) ?? error;
  }
}

/** Runs a delete; when others still use the row, it comes as an AppError conflict that says who. */
export async function deleting<T>(kind: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateStillUsed(error, kind) ?? translateWriteConflict(error) ?? error;
  }
}

type Violation = typeof uniqueViolation | typeof referenceViolation | typeof writeConflict;

interface AdapterCause {
  readonly kind?: unknown;
  /** SQLSTATE. */
  readonly originalCode?: unknown;
  readonly constraint?: { readonly index?: unknown };
}

function isKnown(error: unknown, { code, kind }: Violation): error is Prisma.PrismaClientKnownRequestError {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === code || (error.code === plainSqlFailed && causeOf(error)?.kind === kind);
}

function causeOf(error: Prisma.PrismaClientKnownRequestError): AdapterCause | undefined {
  return (error.meta as { driverAdapterError?: { cause?: AdapterCause } } | undefined)?.driverAdapterError?.cause;
}

/** Name of the constraint that refused, e.g. `connections_tenant_id_name_key`. */
function constraintOf(error: Prisma.PrismaClientKnownRequestError): string {
  const index = causeOf(error)?.constraint?.index;
  return typeof index === 'string' ? index : '';
}

/** `connections_tenant_id_name_key` and `tenants_slug_key` give `name` and `slug`; a column of more words keeps them. */
function fieldOfUnique(constraint: string): string | undefined {
  if (constraint === 'endpoints_one_default') return 'default';
  if (constraint === 'tenant_hosts_host_key') return 'host';
  return /^(?:[a-z_]+_tenant_id|tenants)_([a-z_]+)_key$/.exec(constraint)?.[1];
}

/** `endpoints_tenant_id_connection_id_fkey` gives `endpoints`. */
function tableOf(constraint: string): string | undefined {
  return /^([a-z_]+)_tenant_id_[a-z_]+_fkey$/.exec(constraint)?.[1];
}
