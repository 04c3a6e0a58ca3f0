import type { Fields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import { elementsTell, isEmpty, tellsError } from './chat-event.js';
import { findMember, readObject } from './json-body.js';
import { spliceBody, type Edit } from './json-edit.js';
import type { ScanFault } from './json-scan.js';

export interface EditedReply {
  readonly ok: true;
  readonly bytes: Buffer;
  /** The parsed `usage` object of the reply, null when there is none; for `readUsage`. */
  readonly usage: Fields | null;
}

/**
 * A provider's plain JSON reply with its own model name replaced by the published one, in at most one copy. A reply
 * without a `model` string keeps its bytes. A reply that is not one JSON object, tells an error (see `answerFault`) or has
 * nothing in `member` is a fault: the caller answers 502.
 */
export function editReply(bytes: Buffer, publishedName: string, member: string): EditedReply | ScanFault {
  const body = readObject(withoutByteOrderMark(bytes));
  if (!body.ok) return body;
  const { scan } = body;
  const asked = findMember(scan, member);
  if (tellsError(body)) return fault('it tells an error');
  if (asked?.kind !== 'array' || isEmpty(body.bytes, asked.valueStart, asked.valueEnd)) return fault(`it has no ${member}`);
  if (elementsTell(body.bytes, asked)) return fault(`one of its ${member} tells an error`);
  const edits: Edit[] = [];
  if (findMember(scan, 'model')?.kind === 'string') {
    edits.push({ op: 'set', key: 'model', value: Buffer.from(JSON.stringify(publishedName)) });
  }
  const usage = findMember(scan, 'usage');
  return {
    ok: true,
    bytes: spliceBody(body.bytes, scan, edits),
    usage: usage?.kind === 'object' ? parseObject(body.bytes, usage.valueStart, usage.valueEnd) : null,
  };
}

function fault(message: string): ScanFault {
  return { ok: false, message, offset: 0 };
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function parseObject(bytes: Buffer, start: number, end: number): Fields | null {
  return (parsedOrUndefined(bytes.subarray(start, end)) ?? null) as Fields | null;
}
