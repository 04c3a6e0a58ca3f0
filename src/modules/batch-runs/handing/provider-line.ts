import { isUtf8 } from 'node:buffer';
import { isFields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { findMember } from '../../inference/wire/json-body.js';
import { scanObject, type ScannedObject } from '../../inference/wire/json-scan.js';

/** What a provider's file says of one request. */
export interface ProviderLine {
  /** By which number the request was given to the provider. */
  readonly number: number;
  /** Undefined where the request was not made. */
  readonly answer: { readonly status: number; readonly body: Buffer } | undefined;
  /** Why it was not made, in the provider's word. */
  readonly code: string | undefined;
}

const numbered = /^[1-9]\d{0,6}$/;

/** Reads a line of a provider's output or error file; undefined for what is none. */
export function readProviderLine(line: Buffer): ProviderLine | undefined {
  if (!isUtf8(line)) return undefined;
  const scan = scanObject(line);
  if (!scan.ok) return undefined;
  const number = valueOf(line, scan, 'custom_id');
  if (typeof number !== 'string' || !numbered.test(number)) return undefined;
  const error = valueOf(line, scan, 'error');
  const code = isFields(error) && typeof error['code'] === 'string' ? error['code'] : undefined;
  return { number: Number(number), answer: answerIn(line, scan), code };
}

/** The body stays as it was written: its numbers are the provider's. */
function answerIn(line: Buffer, scan: ScannedObject): ProviderLine['answer'] {
  const response = findMember(scan, 'response');
  if (response?.kind !== 'object') return undefined;
  const bytes = line.subarray(response.valueStart, response.valueEnd);
  const inner = scanObject(bytes);
  if (!inner.ok) return undefined;
  const status = valueOf(bytes, inner, 'status_code');
  const body = findMember(inner, 'body');
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599 || body === undefined) return undefined;
  return { status: Number(status), body: Buffer.from(bytes.subarray(body.valueStart, body.valueEnd)) };
}

function valueOf(bytes: Buffer, scan: ScannedObject, name: string): unknown {
  const member = findMember(scan, name);
  return member === undefined ? undefined : parsedOrUndefined(bytes.subarray(member.valueStart, member.valueEnd));
}
