import { isUtf8 } from 'node:buffer';
import type { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { readUsage, type UsageTokens } from '../inference/wire/usage-tokens.js';
import { maxInteger } from '../../platform/journal/record-columns.js';
import { findMember } from '../inference/wire/json-body.js';
import { scanObject } from '../inference/wire/json-scan.js';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import type { BatchEnd } from '../batches/batch-record.js';

/** What a request was answered. */
export interface LineAnswer<Body = string> {
  readonly status: number;
  readonly requestId: string;
  /** JSON. */
  readonly body: Body;
}

/** The line of a request that was answered, with whichever status. */
export function answeredLine(customId: string, { status, requestId, body }: LineAnswer): string {
  return `${beforeBody(customId, status, requestId)}${inOneLine(body)}${afterBody}`;
}

/** The same in bytes. What is no UTF-8 in the body is replaced. */
export function answeredBytes(customId: string, { status, requestId, body }: LineAnswer<Buffer>): Buffer {
  const before = beforeBody(customId, status, requestId);
  const inUtf8 = isUtf8(body) ? body : Buffer.from(body.toString('utf8'));
  const start = Buffer.byteLength(before);
  const line = Buffer.allocUnsafe(start + inUtf8.length + afterBody.length);
  line.write(before);
  inUtf8.copy(line, start);
  line.write(afterBody, start + inUtf8.length, 'latin1');
  for (const byte of lineBreaks) for (let at = line.indexOf(byte); at !== -1; at = line.indexOf(byte, at)) line[at] = space;
  return line;
}

/** The line of a request that is answered with an error of ours. */
export function refusedLine(customId: string, error: AppError, requestId: string = newId('request')): string {
  return answeredLine(customId, { status: error.status, requestId, body: JSON.stringify(error.body()) });
}

/** The line of a request that was not made, for a reason that is not its own. */
export function unmadeLine(customId: string, error: { readonly code: string; readonly message: string }): string {
  const { code, message } = error;
  return JSON.stringify({ id: newId('batchRequest'), custom_id: customId, response: null, error: { code, message } });
}

/** Why requests were not made that were left when their batch ended. */
export const leftOver: Readonly<Record<BatchEnd, { readonly code: string; readonly message: string }>> = {
  completed: { code: 'internal_error', message: 'This request was not executed.' },
  expired: { code: 'batch_expired', message: 'This request could not be executed before the completion window expired.' },
  cancelled: { code: 'batch_cancelled', message: 'This request was not executed, because the batch was cancelled.' },
};

/** The tokens that an answer tells; undefined where it tells none, or more than can be. Null for what is no answer. */
export function tokensOf(body: Buffer): UsageTokens | undefined | null {
  const scan = scanObject(body);
  if (!scan.ok) return null;
  const usage = findMember(scan, 'usage');
  if (usage?.kind !== 'object') return undefined;
  const tokens = readUsage(parsedOrUndefined(body.subarray(usage.valueStart, usage.valueEnd)));
  return tokens !== null && tokens.totalTokens <= maxInteger ? tokens : undefined;
}

const afterBody = '},"error":null}';

function beforeBody(customId: string, status: number, requestId: string): string {
  const response = `{"status_code":${status},"request_id":${JSON.stringify(requestId)},"body":`;
  return `{"id":"${newId('batchRequest')}","custom_id":${JSON.stringify(customId)},"response":${response}`;
}

const lineBreaks = [0x0a, 0x0d, 0x00];
const space = 0x20;

/** JSON has raw line breaks only between its values. */
function inOneLine(json: string): string {
  return json.replace(/[\r\n\0]/g, ' ');
}
