import { randomUUID } from 'node:crypto';
import { ownKeyObject } from '../../../contracts/keys.js';
import { maskCredential } from '../../../kernel/credentials.js';
import { found, skipped, well, type Check } from '../check.js';
import type { Reply } from './http-call.js';
import { refusalId, refused } from './refusals.js';
import type { Visit } from './visit.js';
import { jsonOf } from './whose-reply.js';

const check = 'key';

/** Headers that every reply of the data plane has. */
const always = ['x-gt-request-id', 'x-request-id', 'openai-processing-ms', 'openai-version'] as const;

/** Signs in: what the key says of itself, what of the headers arrives, and the server's clock. */
export async function examineKey(visit: Visit): Promise<Check[]> {
  const marks = { 'x-request-id': `doctor-${randomUUID()}`, 'x-client-request-id': `doctor-${randomUUID()}` };
  const sentAt = Date.now();
  const reply = await visit.send('/key', { headers: marks });
  const gotAt = Date.now();
  const own = reply.status === 200 ? ownKeyObject.safeParse(jsonOf(reply)) : undefined;
  const clock = judgeClock(reply, sentAt, gotAt);
  if (own?.success !== true) return [await keyFinding(visit, reply), ...clock];
  visit.own = own.data;
  visit.quick.push(reply);
  const { tenant, name, preset } = own.data;
  const said = `${maskCredential(visit.wish.key)} is ${name} of the tenant ${tenant}${preset === null ? '' : `, preset ${preset}`}.`;
  return [well(check, said), ...judgeHeaders(reply, marks), ...clock];
}

async function keyFinding(visit: Visit, reply: Reply): Promise<Check> {
  if (reply.status === 200) return found(check, 'reply-of-a-proxy', 'The reply is not what the platform says of a key.');
  const id = refusalId(reply, visit.wish.key);
  if (id === 'api-switched-off') return (await withoutAccount(visit)) ?? refused(check, reply, visit.wish.key);
  if (id !== 'key-unknown' || visit.admin === null) return refused(check, reply, visit.wish.key);
  return visit.admin.whyUnknown(check, visit.wish.key, visit.baseUrl);
}

/** A key whose tenant has switched off only what tells it about itself. */
async function withoutAccount(visit: Visit): Promise<Check | undefined> {
  const { status } = await visit.send('/models');
  return status === 200
    ? skipped(check, 'It is accepted; the tenant has switched the group account off, so it cannot tell what it may.')
    : undefined;
}

/** @param marks what was sent to be repeated in the reply. */
function judgeHeaders({ headers }: Reply, marks: Readonly<Record<string, string>>): Check[] {
  const missing = always.filter((name) => headers[name] === undefined);
  if (missing.length > 0) return [found('headers', 'reply-header-stripped', `Missing: ${missing.join(', ')}.`)];
  const changed = Object.keys(marks).filter((name) => headers[name] !== marks[name]);
  if (changed.length > 0) return [found('headers', 'request-header-stripped', `Not repeated as sent: ${changed.join(', ')}.`)];
  return [well('headers', 'those of requests and replies arrive.')];
}

const mostSkewMs = 60_000;

/** The Date header has whole seconds, and was written at some time of the call. */
function judgeClock({ headers }: Reply, sentAt: number, gotAt: number): Check[] {
  const date = Date.parse(headers.date ?? '');
  if (Number.isNaN(date)) return [skipped('clock', 'The reply has no Date header.')];
  const aheadMs = date > gotAt ? date - gotAt : date + 1000 < sentAt ? date + 1000 - sentAt : 0;
  if (Math.abs(aheadMs) <= mostSkewMs) return [well('clock', 'it differs by less than a minute from that of the server.')];
  const by = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this one`;
  return [found('clock', 'clock-skew', `The server's clock is ${by}.`)];
}
