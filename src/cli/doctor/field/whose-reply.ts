import { z } from 'zod';
import { errorTable, type ErrorCode, type ErrorRow } from '../../../kernel/error-codes.js';
import type { Reply } from './http-call.js';

const errorBody = z.object({
  error: z.strictObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

/** An error of the platform. */
export interface OwnError {
  readonly row: ErrorCode;
  readonly message: string;
  readonly requestId: string | null;
}

const rows = Object.entries(errorTable) as [ErrorCode, ErrorRow][];

/** The JSON of an answer; undefined where it is none. */
export function jsonOf({ text }: Reply): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The platform's id of the call; null where the header did not arrive. */
export function requestIdOf({ headers }: Reply): string | null {
  const id = headers['x-gt-request-id'];
  return typeof id === 'string' && id.startsWith('req_') ? id : null;
}

/**
 * The error that the platform answered with: known by status, type and code together, and by its request id where that
 * arrived. Undefined for a good answer, and for one of anybody else.
 */
export function ownError(reply: Reply): OwnError | undefined {
  const body = errorBody.safeParse(jsonOf(reply));
  if (!body.success) return undefined;
  const { type, code, message } = body.data.error;
  const row = rows.find(
    ([name, one]) =>
      one.status === reply.status && one.type === type && (one.wireCode === undefined ? name : one.wireCode) === code,
  );
  const requestId = requestIdOf(reply);
  // What a provider says of a bad request passes with its own code.
  if (row === undefined) return requestId === null ? undefined : { row: 'invalid_request', message, requestId };
  if (requestId === null && isSharedWithOpenAi(row[0]) && message !== row[1].message) return undefined;
  return { row: row[0], message, requestId };
}

/** A call without a key is refused by OpenAI with the same status, type and code; the sentences differ. */
function isSharedWithOpenAi(row: ErrorCode): boolean {
  return row === 'missing_api_key';
}

/** True when the platform sent the answer, as far as can be told from it. */
export function isOwn(reply: Reply): boolean {
  return requestIdOf(reply) !== null || ownError(reply) !== undefined;
}

/** A short description of an answer of somebody else. */
export function strangerText({ status, headers, text }: Reply): string {
  const server = typeof headers.server === 'string' ? ` from a server that calls itself ${headers.server}` : '';
  const title = /<title>([^<]{1,80})<\/title>/i.exec(text)?.[1];
  return `(status ${status}${server}${title === undefined ? '' : `: ${title.trim()}`})`;
}
