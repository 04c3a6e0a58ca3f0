import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { randomBase62 } from './ids.js';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `gtak_`: a tenant's API key for the data plane. `gtad_`: an administrator's token for the admin plane. */
export type CredentialPrefix = 'gtak_' | 'gtad_';

const form = /^gta[kd]_[0-9A-Za-z]{38}$/;

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < 6; place += 1) {
    digits = (alphabet[rest % 62] ?? '') + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** A new secret in the form of the contract's section 4: prefix, 32 random characters, 6 of CRC-32. */
export function newCredential(prefix: CredentialPrefix): string {
  const body = prefix + randomBase62(32);
  return body + checksum(body);
}

/** True when the text has the form and the checksum of a credential of this prefix. Says nothing of whether it exists. */
export function isWellFormedCredential(text: string, prefix: CredentialPrefix): boolean {
  return text.length === 43 && text.startsWith(prefix) && form.test(text) && checksum(text.slice(0, 37)) === text.slice(37);
}

/** What is stored and looked up instead of the secret: SHA-256 in lower-case hex. */
export function credentialHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** The secret as it may be shown: the first seven characters, stars, the last four. */
export function maskCredential(secret: string): string {
  if (secret.length < 16) return '***';
  return `${secret.slice(0, 7)}***${secret.slice(-4)}`.replace(/[^\x21-\x7e]/g, '?');
}
