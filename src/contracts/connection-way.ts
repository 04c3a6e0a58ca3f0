import { X509Certificate } from 'node:crypto';
import { z } from 'zod';

const mostCertificates = 16;
const mostCertificateBytes = 64 * 1024;
/** What SOCKS5 can say. */
const mostWordBytes = 255;

/** Where a proxy is, said in one form. */
export interface ProxyPlace {
  readonly protocol: 'http' | 'socks5';
  /** A name in lower case or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads the address of a proxy, `http://host:port` or `socks5://host:port`; undefined for any other text. */
export function proxyPlace(url: string): ProxyPlace | undefined {
  const [, protocol = '', host = '', digits = ''] = /^(http|socks5):\/\/([^\s/?#@\\]+):(\d{1,5})\/?$/i.exec(url) ?? [];
  const port = Number(digits);
  if (host === '' || port < 1 || port > 65_535 || !URL.canParse(`http://${host}/`)) return undefined;
  const parsed = new URL(`http://${host}/`);
  if (parsed.port !== '' || parsed.hostname === '') return undefined;
  return {
    protocol: protocol.toLowerCase() as ProxyPlace['protocol'],
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
  };
}

/** The same address always as the same text. */
function proxyUrl({ protocol, host, port }: ProxyPlace): string {
  return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const word = z
  .string()
  .regex(/^\P{Cc}*$/u, 'must hold no control characters')
  .refine((text) => Buffer.byteLength(text) <= mostWordBytes, `must have at most ${mostWordBytes} bytes`);

const proxyFields = z.strictObject({
  url: z
    .string()
    .max(300)
    .refine((text) => proxyPlace(text) !== undefined, 'must be http://host:port or socks5://host:port')
    .transform((text) => {
      const place = proxyPlace(text);
      return place === undefined ? text : proxyUrl(place);
    })
    .describe('Its address: http://host:port, which is asked for tunnels by CONNECT, or socks5://host:port.'),
  username: word
    .min(1)
    .refine((text) => !text.includes(':'), 'must hold no colon')
    .nullable()
    .optional()
    .describe(
      'The name that signs in there. It is never shown again; absent keeps what is stored for this url, null removes it.',
    ),
  password: word.optional().describe('The password of this name. It is never shown again.'),
});

const passwordAlone = { path: ['password'], error: 'must stand beside username' };

const aboutProxy =
  'The proxy that calls of the connection go through. Only operators set it. It is given the judged address of the provider, ' +
  'never its name. Null: none.';

/** A connection's proxy, as it is given. */
export const connectionProxy = proxyFields
  .refine(({ username, password }) => password === undefined || username != null, passwordAlone)
  .describe(aboutProxy);

export type ConnectionProxy = z.infer<typeof connectionProxy>;

/** The same as people write it: the password may stand in a variable of the environment. */
export const writtenProxy = (variable: z.ZodString) =>
  proxyFields
    .extend({
      password_env: variable.optional().describe('The name of the environment variable that holds the password.'),
    })
    .refine(({ username, password }) => password === undefined || username != null, passwordAlone)
    .refine(({ password, password_env: name }) => password === undefined || name === undefined, {
      path: ['password_env'],
      error: 'must not stand beside password: give one of them',
    })
    .describe(aboutProxy);

/** A connection's proxy, as it is shown. */
export const shownProxy = z
  .object({ url: z.string(), secret_set: z.boolean().describe('Whether a name and password are stored.') })
  .nullable()
  .describe('The proxy that calls of the connection go through; null: none.');

const certificates = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** The certificates of a text in their normal form, without what stands between them; undefined for a text that is wrong. */
function readCertificates(text: string): string | undefined {
  const blocks = text.match(certificates) ?? [];
  const isOther = text.replace(certificates, '').includes('-----');
  if (isOther || blocks.length === 0 || blocks.length > mostCertificates) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block).toString()).join('');
  } catch {
    return undefined;
  }
}

/** More certificates for a connection. They come out in one form. */
export const connectionCa = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= mostCertificateBytes, {
    error: `must have at most ${mostCertificateBytes} bytes`,
    abort: true,
  })
  .refine(
    (text) => readCertificates(text) !== undefined,
    `must hold 1 to ${mostCertificates} certificates in PEM, and nothing else in PEM`,
  )
  .transform((text) => readCertificates(text) ?? text)
  .nullable()
  .describe("Certificates (PEM) that this connection's calls trust beside the platform's own, at most 16; null: none.");
