import type { Steps } from '../../../kernel/steps.js';
import { BodyTexts, type StringSpan } from './body-texts.js';
import { pieceBytes, piecesOf } from './string-pieces.js';
import type { TextJudge } from './text-judge.js';

/** A body whose texts were judged. */
export interface JudgedBody {
  /** The given bytes, where nothing was masked. */
  readonly bytes: Buffer;
  /** Bytes of the texts as they were given, encoded and with their quotes. */
  readonly textBytes: number;
  /** How many texts there are. */
  readonly texts: number;
  /** Numbers that stand for tokens. */
  readonly tokens: number;
}

/** Work that every string takes, however short it is, in bytes of text. */
const overhead = 64;
const unitsAtOnce = 16 * 1024;

/**
 * Judges the texts of a JSON body, and masks what is to be masked. Only strings that change are written anew: all else stays
 * byte for byte, numbers too.
 * @throws AppError content_policy for a text that is refused, invalid_request for a string that is no JSON.
 */
export function* judgeBody(bytes: Buffer, judge: TextJudge): Steps<JudgedBody> {
  const body = new BodyTexts(bytes);
  const parts: Buffer[] = [];
  let [copied, texts, textBytes, work] = [0, 0, 0, 0];
  for (const span of body.strings()) {
    if (span === undefined || work > pieceBytes) {
      yield;
      work = 0;
    }
    if (span === undefined) continue;
    const size = span.end - span.start;
    texts += 1;
    textBytes += size;
    work += size + overhead;
    const masked = yield* judgeString(bytes, span, judge);
    if (masked === undefined) continue;
    parts.push(bytes.subarray(copied, span.start), Buffer.from(`"${masked}"`));
    copied = span.end;
  }
  if (copied > 0) parts.push(bytes.subarray(copied));
  return { bytes: copied === 0 ? bytes : Buffer.concat(parts), textBytes, texts, tokens: body.tokens };
}

/** The inside of the string, encoded, where something of it was masked. */
function* judgeString(bytes: Buffer, span: StringSpan, judge: TextJudge): Steps<string | undefined> {
  const reading = judge.read();
  const kept: string[] = [];
  for (const piece of piecesOf(bytes, span)) {
    if (kept.length > 0) yield;
    kept.push(yield* reading.pushInSteps(piece));
  }
  kept.push(yield* reading.endInSteps());
  return reading.hasChanged ? kept.map((piece) => JSON.stringify(piece).slice(1, -1)).join('') : undefined;
}

/** Judges a text. @returns what may be sent of it. @throws AppError content_policy. */
export function* judgeText(text: string, judge: TextJudge): Steps<string> {
  const reading = judge.read();
  let kept = '';
  for (let at = 0; at < text.length; at += unitsAtOnce) {
    kept += yield* reading.pushInSteps(text.slice(at, at + unitsAtOnce));
    yield;
  }
  return kept + (yield* reading.endInSteps());
}
