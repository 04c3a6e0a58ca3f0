import { createHmac } from 'node:crypto';

/** What is signed: the id of the delivery, the time of this try in Unix seconds, and the body as it is sent. */
export interface SignedParts {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The headers of a delivery in the form of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over
 * `id.timestamp.body`, whose key is what stands behind `whsec_`, decoded from base64. The time is signed too, so that a
 * receiver can refuse what somebody recorded and sends again later.
 * @param secrets each gives a signature; they stand in this order with blanks between, and a receiver needs one of them.
 */
export function signedHeaders(secrets: readonly string[], { id, timestamp, body }: SignedParts): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}
