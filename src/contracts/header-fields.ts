import { z } from 'zod';

/** Headers that carry the message itself; a token in one of them would break the request. */
const messageHeaders = [
  'host',
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'keep-alive',
];

/** The name of a header that a connection may set. */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header')
  .refine((name) => !messageHeaders.includes(name.toLowerCase()), 'is a header of the message itself');

/** What the value of a header may hold without quoting. */
export const visible = /^[\x21-\x7e]+$/;

/** What stands before a token in its header. */
export const tokenPrefix = z
  .string()
  .max(32)
  .regex(/^[\x21-\x7e]*$/, 'must hold visible ASCII characters only');
