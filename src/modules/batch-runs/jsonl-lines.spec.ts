import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { linesOf, type TextLine } from './jsonl-lines.js';

async function readAll(chunks: readonly Buffer[], most = 1_000): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const line of linesOf(chunked(chunks), most)) lines.push(line);
  return lines;
}

async function* chunked(chunks: readonly Buffer[]): AsyncGenerator<Buffer, void> {
  yield* chunks;
}

/** Cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...[...places].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('the lines of a content', () => {
  it('are the same however it is cut, and stand where they say', async () => {
    const text = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', ' ', '\r', '\t')), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), async (given, places, endsWithBreak) => {
        const lines = given.map((line) => line.replaceAll('\n', ' '));
        const bytes = Buffer.from(lines.join('\n') + (endsWithBreak ? '\n' : ''));
        const read = await readAll(cut(bytes, places), 100_000);
        const expected = lines.flatMap((line, at) => (/^[ \t\r]*$/.test(line) ? [] : [[at + 1, line]]));
        expect(read.map(({ number, bytes: line }) => [number, line?.toString()])).toEqual(
          expected.map(([number, line]) => [number, number === 1 ? String(line).replace(/^\uFEFF/, '') : line]),
        );
        for (const { offset, bytes: line = Buffer.alloc(0) } of read)
          expect(bytes.subarray(offset, offset + line.length)).toEqual(line);
      }),
    );
  });

  it('are passed over where they are too long, and the next ones are read', async () => {
    const bytes = Buffer.from(`one\n${'x'.repeat(50)}\ntwo`);
    const read = await readAll(cut(bytes, [10, 20, 53]), 10);
    expect(read.map(({ number, offset, bytes: line }) => [number, offset, line?.toString()])).toEqual([
      [1, 0, 'one'],
      [2, 4, undefined],
      [3, 55, 'two'],
    ]);
  });
});
