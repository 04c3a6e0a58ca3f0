import { createHash, randomFillSync } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Prefix of each kind of object: the platform's own and OpenAI's (contract section 10). */
export const idPrefixes = {
  tenant: 'ten_',
  erasure: 'era_',
  member: 'mem_',
  adminToken: 'adt_',
  session: 'ses_',
  memberLink: 'lnk_',
  oidc: 'oidc_',
  connection: 'con_',
  agent: 'agt_',
  revision: 'rev_',
  endpoint: 'ep_',
  preset: 'pre_',
  key: 'key_',
  keySecret: 'sec_',
  dataset: 'ds_',
  usage: 'use_',
  approval: 'apr_',
  approvalLink: 'apl_',
  audit: 'aud_',
  webhook: 'whk_',
  webhookDelivery: 'whd_',
  webhookSecret: 'whs_',
  request: 'req_',
  conversation: 'conv_',
  message: 'msg_',
  response: 'resp_',
  file: 'file-',
  ingestion: 'ing_',
  upload: 'upload_',
  uploadPart: 'part_',
  batch: 'batch_',
  vectorStore: 'vs_',
  vectorStoreFileBatch: 'vsfb_',
  batchRequest: 'batch_req_',
  batchRun: 'brun_',
  runbookRun: 'rbrun_',
  price: 'prc_',
  tenantPrice: 'tpr_',
  budget: 'bud_',
  budgetSlice: 'slc_',
  fineTuningJob: 'ftjob-',
  fineTuningEvent: 'ftevent-',
  fineTuningCheckpoint: 'ftckpt_',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** Random characters, made ahead: one id is then a copy of a few bytes. */
const pool = Buffer.allocUnsafeSlow(8192);
let used = 0;
let filled = 0;

/** A cryptographically random base62 string of at most 1,000 characters: 5.95 bits a character. */
export function randomBase62(length: number): string {
  if (filled - used < length) fill();
  used += length;
  return pool.toString('latin1', used - length, used);
}

/** Bytes above 247 would favour the first characters and are passed over. */
function fill(): void {
  const random = randomFillSync(Buffer.allocUnsafe(pool.length));
  used = 0;
  filled = 0;
  for (const byte of random) if (byte < 248) pool[filled++] = alphabet.charCodeAt(byte % 62);
}

/** A new id: the kind's prefix and 24 random base62 characters (142 bits). */
export function newId(kind: IdKind): string {
  return idPrefixes[kind] + randomBase62(24);
}

/** How many characters of a timed id tell its time: enough for 6,900 years of milliseconds. */
const timeLength = 8;
/** Numbers within a millisecond, in digits and letters of one case: databases that compare letters sort them as bytes do. */
const places = Array.from({ length: 36 ** 2 }, (_, place) => place.toString(36).toUpperCase().padStart(2, '0'));
let textOfMs = '';
let lastMs = -1;
let made = 0;

/**
 * A new id that sorts by time, as long as any other: the kind's prefix, the milliseconds since 1970 in 8 base62 characters, 2 that
 * number what this process makes in that millisecond, and 14 random ones (83 bits). Those of one process sort in the order they are
 * made, up to 1,296 in a millisecond. An index of such ids grows at its end.
 */
export function newTimedId(kind: IdKind, atMs: number): string {
  if (atMs !== lastMs) {
    textOfMs = timeText(atMs);
    lastMs = atMs;
    made = 0;
  }
  const place = places[Math.min(made, places.length - 1)] ?? '';
  made += 1;
  return idPrefixes[kind] + textOfMs + place + randomBase62(24 - timeLength - place.length);
}

/**
 * The id that these words always get: for what must have the same one whenever it is done again. Like the ids above it tells
 * nobody what it was made of. @param atMs for an id that sorts by time.
 */
export function idOf(kind: IdKind, words: string, atMs?: number): string {
  const digest = createHash('sha256').update(`${kind} ${words}`).digest();
  const text = Array.from(digest, (byte) => alphabet.charAt(byte % 62)).join('');
  return idPrefixes[kind] + (atMs === undefined ? text.slice(0, 24) : timeText(atMs) + text.slice(0, 24 - timeLength));
}

/** The milliseconds since 1970 that a timed id of this kind tells; undefined for what cannot be one. Of an untimed id it is any time. */
export function timeOfId(kind: IdKind, id: string): number | undefined {
  const prefix = idPrefixes[kind];
  if (!id.startsWith(prefix) || id.length !== prefix.length + 24) return undefined;
  let atMs = 0;
  for (const character of id.slice(prefix.length, prefix.length + timeLength)) {
    const digit = alphabet.indexOf(character);
    if (digit === -1) return undefined;
    atMs = atMs * 62 + digit;
  }
  return atMs;
}

function timeText(atMs: number): string {
  let rest = Math.trunc(atMs);
  let text = '';
  for (let place = 0; place < timeLength; place += 1) {
    text = (alphabet[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
