import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../kernel/app-error.js';
import { BACKSLASH } from '../../../kernel/json-bytes.js';
import { jsonSize } from '../../../kernel/json-size.js';
import { controlInString } from './control-characters.js';
import { scanObject, type ScanFault, type ScannedMember, type ScannedObject, type ScanOptions } from './json-scan.js';

/** A JSON object that has exactly one reading: no name stands in it twice at the top level. */
export interface JsonBody {
  readonly ok: true;
  /** What must be sent on: the received bytes, or the rewritten ones where names were repeated or escaped. */
  readonly bytes: Buffer;
  /** Offsets into `bytes`. */
  readonly scan: ScannedObject;
  /** Only present where the body had to be parsed anyway. */
  readonly parsed?: Record<string, unknown>;
}

/**
 * Reads a request body: UTF-8, no raw control character within a string, one JSON object, no `__proto__` member. Throws
 * AppError `invalid_request` with a sentence for the caller, `invalid_value` for an element that is no message where
 * `options.messages` asks for them. A body that is broken deeper inside a nested value may pass: the provider judges it.
 */
export function readBody(bytes: Buffer, options: ScanOptions = {}): JsonBody {
  if (!isUtf8(bytes)) throw refused('Could not parse your JSON body: it is not valid UTF-8.');
  const body = readObject(bytes, options);
  if (!body.ok) throw body.param === undefined ? refused(body.message) : misplaced(body.message, body.param);
  const control = controlInString(body.bytes);
  if (control !== -1) {
    const what = 'a string in it holds a control character that is not escaped';
    throw refused(`Could not parse your JSON body: ${what} (at byte ${control}).`);
  }
  for (const member of body.scan.members) {
    if (member.key === '__proto__') throw new AppError('invalid_request', { message: notAllowed, param: '__proto__' });
  }
  return body;
}

const notAllowed = "Could not accept your JSON body: a member may not be named '__proto__'.";

/** A text with more values is not parsed at once: it would hold up everybody. */
const maxValues = 30_000;
const tooLarge = `and it holds more than ${maxValues} values.`;

/**
 * Reads a JSON object of either side; a byte order mark before it is passed over. Where names are repeated or escaped the
 * whole text, unless it is refused for its many values, is parsed strictly and written anew, the last value of each name winning as with JSON.parse, values byte for byte: whoever reads next sees what we saw.
 */
export function readObject(given: Buffer, options: ScanOptions = {}): JsonBody | ScanFault {
  const bytes = given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf ? given.subarray(3) : given;
  const scan = scanObject(bytes, options);
  if (!scan.ok) return scan;
  if (!scan.hasDuplicateKey && !scan.hasEscapedKey) return { ok: true, bytes, scan };
  if (jsonSize(bytes, maxValues).values > maxValues)
    return { ok: false, message: `Could not parse your JSON body: a name stands twice or escaped in it, ${tooLarge}`, offset: 0 };
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(bytes.toString('utf8', 0, bytes.length)) as Record<string, unknown>;
  } catch {
    return { ok: false, message: 'Could not parse your JSON body: it is not valid JSON.', offset: 0 };
  }
  const single = withoutRepeats(bytes, scan.members);
  const rescan = scanObject(single, options);
  return rescan.ok ? { ok: true, bytes: single, scan: rescan, parsed } : rescan;
}

function withoutRepeats(bytes: Buffer, members: readonly ScannedMember[]): Buffer {
  const last = new Map<string, ScannedMember>();
  for (const member of members) last.set(member.key, member);
  const parts: Buffer[] = [];
  for (const member of last.values()) {
    parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(member.key)}:`));
    parts.push(bytes.subarray(member.valueStart, member.valueEnd));
  }
  parts.push(Buffer.from('}'));
  return Buffer.concat(parts);
}

/** The member of that name, or undefined. With repeated names the last one, as JSON.parse has it. */
export function findMember(scan: ScannedObject, key: string): ScannedMember | undefined {
  for (let index = scan.members.length - 1; index >= 0; index--) {
    const member = scan.members[index];
    if (member?.key === key) return member;
  }
  return undefined;
}

/** The parsed value of one member. Throws AppError `invalid_request` naming the member when the value is not valid JSON. */
export function readMember(bytes: Buffer, member: ScannedMember): unknown {
  const { valueStart, valueEnd } = member;
  if (member.kind === 'string' && isPlainString(bytes, valueStart + 1, valueEnd - 1)) {
    return bytes.toString('utf8', valueStart + 1, valueEnd - 1);
  }
  try {
    return JSON.parse(bytes.toString('utf8', valueStart, valueEnd));
  } catch {
    const message = `Could not parse your JSON body: the value of ${JSON.stringify(member.key)} is not valid JSON.`;
    throw new AppError('invalid_request', { message, param: member.key });
  }
}

/** A member that is a text; undefined where it is absent or something else. */
export function textOf({ bytes, scan }: JsonBody, key: string): string | undefined {
  const member = findMember(scan, key);
  return member?.kind === 'string' ? (readMember(bytes, member) as string) : undefined;
}

function isPlainString(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > 128) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x20 || byte === BACKSLASH) return false;
  }
  return true;
}

function misplaced(message: string, param: string): AppError {
  return new AppError('invalid_value', { message, param });
}

function refused(message: string): AppError {
  return new AppError('invalid_request', { message });
}
