import { z } from 'zod';
import { headerName } from './header-fields.js';

/** So many headers of its own a connection may have. */
export const mostHeaders = 16;

/** Headers that are no connection's to set, besides those of the message itself, which `headerName` refuses. */
const refusedNames = new Set([
  // What is asked for.
  'accept',
  'accept-encoding',
  // Who signs in: tokens have a place of their own.
  'authorization',
  'cookie',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  // For whom a call is forwarded.
  'forwarded',
  'via',
  'x-real-ip',
  // The platform's own.
  'x-request-id',
  'user-agent',
  'traceparent',
  'tracestate',
]);
/** The same, by their beginning; with `x-amz-` calls to AWS are signed. */
const refusedBeginnings = ['proxy-', 'x-forwarded-', 'x-amz-'];

const staticHeaderName = headerName.refine((name) => {
  const lower = name.toLowerCase();
  return !refusedNames.has(lower) && !refusedBeginnings.some((beginning) => lower.startsWith(beginning));
}, 'is no header that a connection may set');

const value = z
  .string()
  .max(2048)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must hold visible ASCII characters only');

/** A record by names of headers, in whatever case they are written. */
function byHeader<Value extends z.ZodType>(member: Value) {
  return z.record(z.string(), member).superRefine((given, context) => {
    const seen = new Set<string>();
    const names = Object.keys(given);
    const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (names.length > mostHeaders) refuse([], `must have at most ${mostHeaders} members`);
    for (const name of names) {
      const [fault] = staticHeaderName.safeParse(name).error?.issues ?? [];
      if (fault !== undefined) refuse([name], fault.message);
      if (seen.has(name.toLowerCase())) refuse([name], 'is there twice');
      seen.add(name.toLowerCase());
    }
  });
}

const words = 'Headers that go with every call to the provider, by their names: at most 16. Their values are never shown again.';

/** Headers of a new connection. */
export const newHeaders = byHeader(value).describe(words);

/** What changes of them. */
export const changedHeaders = byHeader(value.nullable()).describe(
  `${words} Names that are absent keep theirs; null takes one away.`,
);

/** The headers of a connection in a file: with their values, or by their names alone, which keeps the stored values. */
export const headersInFile = z
  .union([newHeaders, z.array(staticHeaderName).max(mostHeaders)])
  .describe(`${words} A list of names keeps their stored values.`);

/** The same as people write it: values may stand in variables of the environment, and so outside of the file. */
export const headerVariables = (variable: z.ZodString) =>
  byHeader(variable).describe('Further headers, each with the name of the environment variable that holds its value.');

/** The headers of a connection as they are shown. */
export const shownHeaders = z.array(z.string()).describe('The names of the headers that go with every call, sorted.');
