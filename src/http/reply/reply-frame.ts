import type { FastifyRequest } from 'fastify';

/** Nothing of an API's answer may be run, framed or taken for another type, and no address is told to other sites. */
const policy = "default-src 'none'; frame-ancestors 'none'";
const safety: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  policy,
  'referrer-policy',
  'no-referrer',
];
const onlyHttps: readonly string[] = ['strict-transport-security', 'max-age=31536000'];

/** The head of what is answered before there is a request: names and values in turn. */
export const safetyHeaders: readonly string[] = safety;

/**
 * What this process says in the head of every reply, whatever it answers: the security headers, and at its end that the
 * connection closes.
 */
export class ReplyFrame {
  /** The process is about to stop: each connection ends with its next reply, so that its client goes elsewhere. */
  isLeaving = false;
  private readonly isHttps: boolean;

  /** @param publicUrl GT_PUBLIC_URL. */
  constructor(publicUrl?: string) {
    this.isHttps = publicUrl?.toLowerCase().startsWith('https:') === true;
  }

  /** Adds the headers, names and values in turn. */
  addTo(headers: string[], request: FastifyRequest): void {
    headers.push(...safety);
    if (this.isHttps || (request.headers['x-forwarded-proto'] !== undefined && request.protocol === 'https'))
      headers.push(...onlyHttps);
    if (this.isLeaving) headers.push('connection', 'close');
  }
}
