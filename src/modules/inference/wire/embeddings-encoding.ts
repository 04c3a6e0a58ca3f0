import { endianness } from 'node:os';
import { AppError } from '../../../kernel/app-error.js';
import { COLON, OPEN_BRACE, OPEN_BRACKET, QUOTE } from '../../../kernel/json-bytes.js';
import { findMember } from './json-body.js';
import { spliceBody } from './json-edit.js';
import { scanObject, scanObjectAt, type ScannedMember } from './json-scan.js';
import { skipSpace } from './json-tokens.js';

/** The two values of `encoding_format`; `float` is what a request without it asks for. */
export type EmbeddingEncoding = 'float' | 'base64';

const NAME = Buffer.from('"embedding"');
const bigEndian = endianness() === 'BE';

/**
 * An embeddings reply whose vectors have the asked encoding: arrays of numbers, or base64 of little-endian float32. The
 * first vector decides what the provider sent; where that fits already the bytes come back untouched. Throws AppError
 * `upstream_error` when the reply is no JSON object or a vector cannot be read.
 */
export function encodeEmbeddings(bytes: Buffer, asked: EmbeddingEncoding): Buffer {
  if (firstValueByte(bytes) === (asked === 'float' ? OPEN_BRACKET : QUOTE)) return bytes;
  const scan = scanObject(bytes);
  if (!scan.ok) throw new AppError('upstream_error', { cause: scan.message });
  const data = findMember(scan, 'data');
  if (data?.kind !== 'array') return bytes;
  const first = firstVector(bytes, data);
  const wanted = asked === 'float' ? 'array' : 'string';
  if (first === undefined || first.kind === wanted || (first.kind !== 'array' && first.kind !== 'string')) return bytes;
  const items = parseItems(bytes, data).map((item) => withEncoding(item, asked));
  return spliceBody(bytes, scan, [{ op: 'set', key: 'data', value: Buffer.from(JSON.stringify(items)) }]);
}

/** What the value of the first member named `embedding` starts with; spares a walk over megabytes of digits. */
function firstValueByte(bytes: Buffer): number | undefined {
  let at = -1;
  while ((at = bytes.indexOf(NAME, at + 1)) !== -1) {
    const colon = skipSpace(bytes, at + NAME.length, bytes.length);
    if (bytes[colon] === COLON) return bytes[skipSpace(bytes, colon + 1, bytes.length)];
  }
  return undefined;
}

function firstVector(bytes: Buffer, data: ScannedMember): ScannedMember | undefined {
  const start = skipSpace(bytes, data.valueStart + 1, data.valueEnd);
  if (bytes[start] !== OPEN_BRACE) return undefined;
  const item = scanObjectAt(bytes, start);
  return item.ok ? findMember(item, 'embedding') : undefined;
}

function parseItems(bytes: Buffer, data: ScannedMember): unknown[] {
  try {
    return JSON.parse(bytes.toString('utf8', data.valueStart, data.valueEnd)) as unknown[];
  } catch (cause) {
    throw new AppError('upstream_error', { cause });
  }
}

function withEncoding(item: unknown, asked: EmbeddingEncoding): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const { embedding } = item as { readonly embedding?: unknown };
  if (asked === 'base64' && Array.isArray(embedding)) return { ...item, embedding: vectorToBase64(embedding) };
  if (asked === 'float' && typeof embedding === 'string') return { ...item, embedding: base64ToVector(embedding) };
  return item;
}

/**
 * One vector in the asked encoding, from its JSON and what that says; untouched where it has that already.
 * @throws AppError upstream_error when it cannot be read.
 */
export function encodeVector(json: Buffer, vector: unknown, asked: EmbeddingEncoding): Buffer {
  if (asked === 'base64' && Array.isArray(vector)) return Buffer.from(`"${vectorToBase64(vector)}"`);
  if (asked === 'float' && typeof vector === 'string') return Buffer.from(JSON.stringify(base64ToVector(vector)));
  return json;
}

/** Base64 of the numbers as little-endian float32. Throws AppError `upstream_error` for what is no finite number. */
export function vectorToBase64(vector: readonly unknown[]): string {
  const floats = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index++) {
    const value = vector[index];
    floats[index] = typeof value === 'number' ? value : NaN;
    if (!Number.isFinite(floats[index])) throw new AppError('upstream_error', { cause: 'an embedding holds what is no float32' });
  }
  const bytes = Buffer.from(floats.buffer);
  return (bigEndian ? bytes.swap32() : bytes).toString('base64');
}

/** The numbers of a base64 text of little-endian float32. Throws AppError `upstream_error` when it is no such text. */
export function base64ToVector(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  const expected = Math.floor((text.replace(/=+$/, '').length * 3) / 4);
  if (bytes.length !== expected || bytes.length % 4 !== 0) {
    throw new AppError('upstream_error', { cause: 'an embedding is not base64 of float32 values' });
  }
  const vector = new Array<number>(bytes.length / 4);
  for (let index = 0; index < vector.length; index++) {
    const value = bytes.readFloatLE(index * 4);
    if (!Number.isFinite(value)) throw new AppError('upstream_error', { cause: 'an embedding holds what is no finite number' });
    vector[index] = value;
  }
  return vector;
}
