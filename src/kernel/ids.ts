import { randomFillSync } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Prefix of each kind of object: the platform's own and OpenAI's (contract section 10). */
export const idPrefixes = {
  tenant: 'ten_',
  member: 'mem_',
  adminToken: 'adt_',
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
  audit: 'aud_',
  webhook: 'whk_',
  request: 'req_',
  conversation: 'conv_',
  message: 'msg_',
  file: 'file-',
  upload: 'upload_',
  batch: 'batch_',
} as const;

export type IdKind = keyof typeof idPrefixes;

const pool = Buffer.allocUnsafe(8192);
let used = pool.length;

/** A cryptographically random base62 string of the given length: 5.95 bits a character. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const byte = (pool[used++] ?? 255) & 63;
    if (byte < 62) text += alphabet[byte];
  }
  return text;
}

/** A new id: the kind's prefix and 24 random base62 characters (142 bits). */
export function newId(kind: IdKind): string {
  return idPrefixes[kind] + randomBase62(24);
}
