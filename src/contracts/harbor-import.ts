import { z } from 'zod';
import { headerName, tokenPrefix } from './header-fields.js';

const text = z.string().max(8192);

/** An address without anything in it that could be a credential. */
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2048)
  .refine((address) => isBare(address), 'must have no user, query or fragment: nothing in a port is a secret');

/** Which settings a node has for itself: their names, never what they hold. */
const hiddenName = z.literal('authToken', { error: 'must be authToken: a connection has no other secret' });
const hidden = z.union([hiddenName, z.array(hiddenName)]);

/**
 * A port of Harbor in its published form, as far as it says how a provider is reached. The other members describe it to
 * people, or what may be called through it: a connection has no place for them, and they are read over.
 */
export const publishedPort = z.strictObject({
  kind: z.literal('http_api', { error: 'must be http_api: a connection speaks HTTP alone' }),
  baseUrl,
  authMode: z.enum(['header_token', 'none'], {
    error: 'must be header_token or none: a connection signs in in no other way by itself',
  }),
  authHeaderName: headerName.optional(),
  authTokenPrefix: tokenPrefix.optional(),
  hiddenLocalConfig: hidden.optional(),
  label: text.optional(),
  product: text.optional(),
  description: text.optional(),
  publisher: z.union([text, z.strictObject({ slug: text.optional(), name: text.optional() })]).optional(),
  publisherSlug: text.optional(),
  publisherName: text.optional(),
  category: text.optional(),
  tags: z.union([text, z.array(text)]).optional(),
  object: text.optional(),
  version: z.union([text, z.number()]).optional(),
  actions: z.array(z.unknown()).optional(),
  leftOut: z.array(z.unknown()).optional(),
});

export type PublishedPort = z.infer<typeof publishedPort>;

/** The members that become something of a connection; the others are read over. */
export const portMembersOfConnection = [
  'kind',
  'baseUrl',
  'authMode',
  'authHeaderName',
  'authTokenPrefix',
  'label',
  'product',
  'object',
];

/** Whether a member's name says that a credential stands in it. */
export function namesSecret(member: string): boolean {
  return /token$|secret|password|apikey|credential/i.test(member);
}

/**
 * The members of a file under the names of the form: at the top or in `port`, written like `baseUrl`, `base_url` or, as on the
 * page of a port, `Base URL`. @returns each with its name in the file.
 */
export function portMembers(
  file: Readonly<Record<string, unknown>>,
): Map<string, { readonly written: string; readonly value: unknown }> {
  const { port, ...beside } = file;
  const within = typeof port === 'object' && port !== null && !Array.isArray(port) ? Object.entries(port) : [];
  const further = port === undefined || within.length > 0 ? [] : [['port', port] as const];
  const all = [
    ...[...Object.entries(beside), ...further].map(([name, value]) => [name, name, value] as const),
    ...within.map(([name, value]) => [name, `port.${name}`, value] as const),
  ];
  return new Map(all.map(([name, written, value]) => [memberName(name), { written, value }]));
}

function memberName(written: string): string {
  const [first = '', ...rest] = written
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return [first, ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

function isBare(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password, search, hash } = new URL(address);
  return username + password + search + hash === '';
}
