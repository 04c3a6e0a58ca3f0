import type { TokenCounter } from '../../../platform/tokens/token-counter.js';
import { heardTexts, replyTexts, requestTexts, streamTexts, type CallTexts } from './call-texts.js';

/** In which form the bytes of an answer say what was said. */
export type SaidForm = 'json' | 'events' | 'text';

const readers = { json: replyTexts, events: streamTexts, text: heardTexts } as const;

/** A call whose tokens nobody told. */
export interface UncountedCall {
  readonly request: Uint8Array;
  readonly said: Uint8Array;
  readonly form: SaidForm;
}

export interface CountedTokens {
  readonly input: number;
  readonly output: number;
}

/** Where counting stops to be worth it: what goes beyond is taken from its length, at the rate of what was counted. */
export interface CountLimits {
  /** Bytes of the texts of one side. */
  readonly textBytes: number;
  /** Processor time for one side, in milliseconds. */
  readonly sideMs: number;
}

/** Of the tokens of most texts. */
export const bytesPerToken = 4;

/** Counts both sides of a call with the o200k encoding, within the limits. */
export function countCall(counter: TokenCounter, call: UncountedCall, { textBytes, sideMs }: CountLimits): CountedTokens {
  const request = requestTexts(bufferOf(call.request), textBytes);
  const said = readers[call.form](bufferOf(call.said), textBytes);
  return { input: tokensOf(counter, request, '\n', sideMs), output: tokensOf(counter, said, '', sideMs) };
}

function tokensOf(counter: TokenCounter, { texts, ids, leftBytes }: CallTexts, joint: string, limitMs: number): number {
  const text = texts.join(joint);
  const deadline = performance.now() + limitMs;
  const { tokens, length } = counter.countUntil(text, () => performance.now() > deadline);
  const left = text.length - length + leftBytes;
  const rate = length === 0 ? 1 / bytesPerToken : tokens / length;
  return ids + tokens + Math.ceil(left * rate);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
