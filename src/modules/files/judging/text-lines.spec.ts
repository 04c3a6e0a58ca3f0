import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { textLines } from './text-lines.js';

async function linesOf(chunks: readonly Buffer[], most = 1_000): Promise<[number, string][]> {
  const lines: [number, string][] = [];
  for await (const { number, bytes } of textLines(Readable.from(chunks), most)) lines.push([number, bytes.toString()]);
  return lines;
}

describe('textLines', () => {
  it('gives the same lines however the text comes', async () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '{', ' ') }), { minLength: 1 });
    const ends = fc.constantFrom('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(lines, ends, fc.boolean(), fc.array(fc.nat(40)), async (texts, end, isEnded, cuts) => {
        const bytes = Buffer.from(texts.join(end) + (isEnded ? end : ''));
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, at) => bytes.subarray(places[at], place));
        const expected = !isEnded && texts.at(-1) === '' ? texts.slice(0, -1) : texts;
        expect(await linesOf(chunks)).toEqual(expected.map((text, at) => [at + 1, text]));
      }),
    );
  });

  it('leaves a byte order mark out', async () => {
    expect(await linesOf([Buffer.from([0xef]), Buffer.from([0xbb, 0xbf, 0x61, 0x0a, 0x62])])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('stops at a line that is too long, before it has come to its end', async () => {
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('short\n');
        for (;;) yield Buffer.alloc(100, 'x');
      })(),
    );
    const read = async (): Promise<void> => {
      for await (const line of textLines(endless, 1_000)) expect(line.number).toBe(1);
    };
    await expect(read()).rejects.toMatchObject({ name: 'LineTooLongError', number: 2 });
    expect(endless.destroyed).toBe(true);
  });
});
