import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerBound } from './answer-bound.js';

const event = (text: string): string => `data: ${JSON.stringify({ text })}\n\n`;

/** Whether an answer in these pieces is cut. */
function isCut(tokens: number, pieces: readonly string[]): boolean {
  const bound = new AnswerBound(tokens);
  return pieces.map((piece) => bound.passes(Buffer.from(piece))).includes(true);
}

describe('the bound of a streamed answer', () => {
  it('never cuts an answer of no more events than tokens, however it comes and whatever it says', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 60 })), (texts, cuts) => {
        let rest = texts.map((text) => event(`${text}\ndata: more`)).join('');
        const pieces: string[] = [];
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        expect(isCut(texts.length, [...pieces, rest])).toBe(false);
      }),
    );
  });

  it.each([
    ['event by event', (events: string[]) => events],
    ['in one piece', (events: string[]) => [events.join('')]],
  ])('cuts one that goes on, %s', (_how, pieces) => {
    const events = Array.from({ length: 50 }, (_none, at) => event(String(at)));
    expect(isCut(10, pieces(events))).toBe(true);
    expect(isCut(18, pieces(events))).toBe(false);
    expect(isCut(17, pieces(events))).toBe(true);
  });

  it('cuts a long one soon after its bound, though not each event is counted as it comes', () => {
    const events = Array.from({ length: 2_000 }, (_none, at) => event(`word ${at}`));
    const bound = new AnswerBound(1_000);
    const cutAt = events.findIndex((one) => bound.passes(Buffer.from(one)));
    expect(cutAt).toBeGreaterThanOrEqual(1_000);
    expect(cutAt).toBeLessThan(1_100);
  });
});
