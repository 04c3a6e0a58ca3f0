import type { Steps } from '../../../kernel/steps.js';
import { BodyTexts } from './body-texts.js';
import type { JudgedBody } from './guarded-body.js';

const opening = '{"input":[';
const closing = ']}';
const COMMA = 0x2c;
const textsAtOnce = 1_024;

/** The texts of a body alone, as a body that can be counted. @param measured what the judging of the same bytes has found. */
export function* textsOf(bytes: Buffer, { textBytes, texts }: Pick<JudgedBody, 'textBytes' | 'texts'>): Steps<Buffer> {
  const list = Buffer.allocUnsafe(opening.length + textBytes + texts + closing.length);
  let length = list.write(opening, 'latin1');
  let passed = 0;
  for (const span of new BodyTexts(bytes).strings()) {
    passed += 1;
    if (span === undefined || passed % textsAtOnce === 0) yield;
    if (span === undefined) continue;
    if (length > opening.length) list[length++] = COMMA;
    length += bytes.copy(list, length, span.start, span.end);
  }
  length += list.write(closing, length, 'latin1');
  return list.subarray(0, length);
}
