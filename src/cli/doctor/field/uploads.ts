import { z } from 'zod';
import type { RouteId } from '../../../catalog/routes.js';
import { envSchema } from '../../../config/env.schema.js';
import { found, skipped, well, type Check } from '../check.js';
import { call, NoAnswerError, type Reply } from './http-call.js';
import { faultCode } from './no-connection.js';
import { isOwn, ownError, strangerText } from './whose-reply.js';
import { seenIn } from './refusals.js';
import type { Visit } from './visit.js';

const check = 'uploads';

/** Routes that read a whole body before they refuse it, and whose body below nobody serves. */
const readers: readonly [RouteId, string][] = [
  ['chat.completions.create', '/chat/completions'],
  ['responses.create', '/responses'],
  ['embeddings.create', '/embeddings'],
  ['uploads.create', '/uploads'],
];

/** No model has this name, and no form of ours has the member, so the body is refused by whoever reads it. */
const harmless = '{"model":"doctor.no-such-model","messages":[{"role":"user","content":"x"}],"input":"x","doctor":"';

const leastBytes = 4096;
const waitMs = 400;
const limitMs = 120_000;
/** The platform's own limits are below this: it refuses such a length by the header alone and says how much is allowed. */
const tooMuch = 2 ** 50;

/** Whether bodies as large as the platform takes reach it: one of JSON as a whole, one of a file by its head. */
export async function examineUploads(visit: Visit): Promise<Check[]> {
  const json = await examineJson(visit);
  const file = await examineFile(visit);
  const findings = [json, file].filter((one) => one !== undefined);
  const faults = findings.filter(({ state }) => state === 'fault');
  return faults.length > 0 ? faults : findings;
}

async function examineJson(visit: Visit): Promise<Check> {
  const path = readers.find(([id]) => visit.reaches(id))?.[1];
  if (path === undefined) return skipped(check, 'The key can call no route that reads a body of JSON.');
  return bySize(visit, path, await allowedJson(visit, path));
}

/** Sends bodies of half the length each time, until one arrives. @param allowed what the platform takes, as far as is known. */
async function bySize(visit: Visit, path: string, allowed: number): Promise<Check> {
  let most = allowed;
  let refusals: { readonly bytes: number; readonly seen: string }[] = [];
  for (let bytes = most; bytes > leastBytes; bytes = Math.floor(bytes / 2)) {
    const { outcome, seen, limit } = await sized(visit, path, bytes);
    if (outcome === 'through') return judged(most, bytes, refusals);
    if (outcome === 'unjudged') return skipped(check, `The call is refused whatever its body is. ${seen}`);
    if (limit === undefined || limit >= most) refusals.push({ bytes, seen });
    else {
      // The platform itself takes less than was thought, so what was refused until now does not count.
      [most, refusals] = [limit, []];
      bytes = limit * 2;
    }
  }
  return skipped(check, `No body arrives at all ${refusals[0]?.seen ?? ''}.`);
}

function judged(most: number, fits: number, refusals: readonly { readonly bytes: number; readonly seen: string }[]): Check {
  const [first, last] = [refusals[0], refusals.at(-1)];
  if (first === undefined || last === undefined)
    return well(check, `a body of ${most} bytes, the most that the platform takes, arrives.`);
  const seen = `A body of ${first.bytes} bytes is refused ${first.seen}. One of ${fits} bytes arrives, one of ${last.bytes} does not.`;
  return found(check, 'upload-limit-of-proxy', seen);
}

/** What the platform says that it takes; its default where somebody else refuses the question. */
async function allowedJson(visit: Visit, path: string): Promise<number> {
  const reply = await declared(visit, path, 'application/json', tooMuch);
  const told = reply === undefined ? undefined : toldLimit(reply);
  return told ?? envSchema.shape.GT_MAX_JSON_BYTES.parse(undefined);
}

function toldLimit(reply: Reply): number | undefined {
  const error = ownError(reply);
  const text = error?.row === 'payload_too_large' ? /the (\d+) bytes that are allowed/.exec(error.message)?.[1] : undefined;
  return text === undefined ? undefined : Number(text);
}

/** Sends the head of a body of this length and nothing else. Undefined: nobody refused it. */
async function declared(visit: Visit, path: string, type: string, bytes: number): Promise<Reply | undefined> {
  const headers = { authorization: `Bearer ${visit.wish.key}`, 'content-type': type, 'content-length': String(bytes) };
  try {
    return await call(visit.line, { url: visit.baseUrl + path, method: 'POST', headers, headOnlyMs: 1_500 });
  } catch (error) {
    if (error instanceof NoAnswerError) return undefined;
    throw error;
  }
}

interface Sized {
  readonly outcome: 'through' | 'unjudged' | 'refused';
  readonly seen: string;
  /** What the platform takes, where it was the platform that refused the length. */
  readonly limit?: number | undefined;
}

/** Sends a body of this length; the platform reads and refuses it. */
async function sized(visit: Visit, path: string, bytes: number): Promise<Sized> {
  const body = Buffer.alloc(bytes, 'x');
  body.write(harmless);
  body.write('"}', bytes - 2);
  const headers = { 'content-type': 'application/json' };
  try {
    const reply = await visit.send(path, { method: 'POST', headers, body, headFirstMs: waitMs, limitMs });
    const seen = seenIn(reply);
    if (!isOwn(reply)) return { outcome: reply.status === 413 ? 'refused' : 'unjudged', seen };
    const limit = toldLimit(reply);
    if (limit !== undefined) return { outcome: 'refused', seen, limit };
    // Both are said of a body that was read.
    return { outcome: reply.status === 404 || reply.status === 400 ? 'through' : 'unjudged', seen };
  } catch (error) {
    return { outcome: 'refused', seen: error instanceof NoAnswerError ? '(no answer)' : `(${faultCode(error)})` };
  }
}

const targets = z.object({ data: z.array(z.object({ path: z.string(), max_bytes: z.number() })) });

/** A form with a file as large as the platform takes, by its head: proxies refuse it by that. */
async function examineFile(visit: Visit): Promise<Check | undefined> {
  if (!visit.reaches('upload_targets.list')) return undefined;
  const reply = await visit.send('/upload-targets');
  const target = targets.safeParse(parsed(reply.text)).data?.data[0];
  if (target === undefined) return undefined;
  const type = 'multipart/form-data; boundary=doctor';
  const answer = await declared(visit, target.path, type, target.max_bytes);
  if (answer === undefined || isOwn(answer) || answer.status !== 413)
    return well(check, `nobody refuses a file of ${target.max_bytes} bytes by its head.`);
  return found(check, 'upload-limit-of-proxy', `A file of ${target.max_bytes} bytes was refused ${strangerText(answer)}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
