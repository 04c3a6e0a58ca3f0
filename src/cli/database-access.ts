import { CliError, usageError } from './cli-error.js';
import { readUpFile } from './up-file.js';

/**
 * The database of the commands that go there themselves: DATABASE_URL, else that of a running `npm run up`.
 * @throws CliError when there is none.
 */
export function databaseUrl(env: Readonly<Record<string, string | undefined>>): string {
  const url = env['DATABASE_URL'] || readUpFile(env)?.database_url;
  if (url === undefined || url === '') {
    throw usageError('There is no database: set DATABASE_URL, or start the platform with "npm run up", which brings its own.');
  }
  if (!/^postgres(ql)?:\/\//.test(url)) throw usageError('DATABASE_URL must begin with postgresql://.');
  return url;
}

/** Runs what needs the database; that it cannot be reached comes out as one sentence, without its address. */
export async function withDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CliError(1, [databaseFault(error)], { cause: error });
  }
}

/** Codes of Node and of Prisma, whose texts may come from either. */
const connectCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'ECONNRESET',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'P1001',
  'P1002',
  'P1017',
];
const loginCodes = ['28P01', '28000', '3D000', 'P1000', 'P1003', 'P1010'];
const emptyCodes = ['42P01', 'P2021'];

/** Why the database did not do it, and what to set. */
export function databaseFault(error: unknown): string {
  const { code, message } = rootOf(error) as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && connectCodes.includes(code)) {
    return `The database cannot be reached (${code}). Is it running, and is DATABASE_URL right?`;
  }
  if (typeof code === 'string' && loginCodes.includes(code))
    return `The database refuses the login: ${String(message)}. Check DATABASE_URL.`;
  if (typeof code === 'string' && emptyCodes.includes(code))
    return 'The database has no tables of the platform yet. Run: npx --no -- gt migrate';
  return String(message);
}

/** A driver's error may stand within others, e.g. one for each address that was tried. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  const { cause, code, meta } = error as { cause?: unknown; code?: unknown; meta?: { code?: unknown } };
  if (typeof meta?.code === 'string') return { code: meta.code, message: (error as Error).message };
  // Of a database that is away the platform makes an error of its own.
  return cause !== undefined && (code === undefined || code === 'overloaded') ? rootOf(cause) : error;
}
