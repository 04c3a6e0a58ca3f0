import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { chunkSections, type Chunk, type ChunkOptions } from './chunker.js';
import type { Section } from './section.js';
import { loadTokenCounter } from '../tokens/token-counter.js';

async function chunksOf(sections: readonly Section[] | string, options: ChunkOptions): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const given = typeof sections === 'string' ? [{ text: sections, source: {} }] : sections;
  for await (const chunk of chunkSections(given, options)) chunks.push(chunk);
  return chunks;
}

/** Words, sentences, paragraphs, scripts without blanks, right-to-left, joined emoji, blanks and signs, in any mixture. */
const piece = fc.oneof(
  fc.constantFrom(
    'word ',
    'Hello, world. ',
    'Is it? ',
    '\n',
    '\n\n',
    '   ',
    '\t',
    'naïve ',
    '3.14 ',
    '<|endoftext|>',
    '-----',
    'e\u0301',
    '# Heading\n',
  ),
  fc.constantFrom('東京都の天気は晴れ。', '안녕하세요 ', 'สวัสดีครับ', 'مرحبا بالعالم. ', 'שלום עולם ', 'नमस्ते दुनिया। '),
  fc.constantFrom('👩‍👩‍👧‍👦', '🇩🇪🇫🇷', '👍🏽', '𠮷', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'z', '0', '_'), minLength: 100, maxLength: 300 }),
  fc.base64String({ minLength: 100, maxLength: 400 }),
  fc.string({
    unit: fc.constantFrom('我', '的', '国', '人', 'の', 'ก', 'ا', 'é', '\u0301', '👍'),
    minLength: 30,
    maxLength: 200,
  }),
);
const text = fc.array(piece, { maxLength: 120 }).map((pieces) => pieces.join(''));
const options = fc.record({ chunkTokens: fc.integer({ min: 32, max: 200 }), overlapTokens: fc.integer({ min: 0, max: 120 }) });

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Whether the chunks can stand in the text one after the other, leaving nothing out but blanks, each at a place that is
 * allowed behind the one before. A text that repeats itself has several places for one chunk: all are tried.
 */
function canStandIn(whole: string, chunks: readonly Chunk[], isAllowed: (place: Place, before: Place) => boolean): boolean {
  const isBlank = (from: number, to: number): boolean => whole.slice(from, to).trim() === '';
  let places: Place[] = [{ start: -1, end: 0 }];
  for (const { text: chunk } of chunks) {
    const next: Place[] = [];
    for (let start = whole.indexOf(chunk); start !== -1; start = whole.indexOf(chunk, start + 1)) {
      const place = { start, end: start + chunk.length };
      const fits = (before: Place): boolean =>
        start > before.start && place.end > before.end && isBlank(before.end, start) && isAllowed(place, before);
      if (places.some(fits)) next.push(place);
    }
    places = next;
  }
  return places.some(({ end }) => isBlank(end, whole.length));
}

describe('chunkSections', () => {
  it('loses no character but blanks, keeps their order and repeats no more than the overlap', async () => {
    const counter = await loadTokenCounter();
    await fc.assert(
      fc.asyncProperty(text, options, async (whole, given) => {
        const chunks = await chunksOf(whole, given);
        const repeatsLittle = ({ start }: Place, { end }: Place): boolean =>
          counter.count(whole.slice(start, end)) <= given.overlapTokens;
        expect(canStandIn(whole, chunks, repeatsLittle)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('gives no chunk more tokens than asked for, and counts them as the model does', async () => {
    await fc.assert(
      fc.asyncProperty(text, options, async (whole, given) => {
        for (const chunk of await chunksOf(whole, given)) {
          expect(chunk.tokens).toBeLessThanOrEqual(given.chunkTokens);
          const exact = encode(chunk.text, { disallowedSpecial: new Set() }).length;
          // Runs of more than 128 signs are counted in pieces: a token more for each at most.
          expect(Math.abs(chunk.tokens - exact)).toBeLessThanOrEqual(Math.ceil(chunk.text.length / 64));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('cuts between the characters that people see', async () => {
    await fc.assert(
      fc.asyncProperty(text, options, async (whole, given) => {
        const boundaries = new Set([...graphemes.segment(whole)].map(({ index }) => index).concat(whole.length));
        const chunks = await chunksOf(whole, given);
        expect(canStandIn(whole, chunks, ({ start, end }) => boundaries.has(start) && boundaries.has(end))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same chunks however the text comes in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(text, options, fc.array(fc.nat(400), { maxLength: 40 }), async (whole, given, lengths) => {
        const sections: Section[] = [];
        let at = 0;
        for (const length of lengths) {
          sections.push({ text: whole.slice(at, at + length), source: {} });
          at += length;
        }
        sections.push({ text: whole.slice(at), source: {} });
        expect(await chunksOf(sections, given)).toEqual(await chunksOf(whole, given));
      }),
      { numRuns: 100 },
    );
  });

  it('numbers the chunks from 0 and gives a short text whole', async () => {
    expect(await chunksOf('A short text.\n', { chunkTokens: 64, overlapTokens: 16 })).toEqual([
      { ordinal: 0, text: 'A short text.\n', tokens: 4, source: {} },
    ]);
    const chunks = await chunksOf('One sentence of some length. '.repeat(200), { chunkTokens: 64, overlapTokens: 16 });
    expect(chunks.map(({ ordinal }) => ordinal)).toEqual(chunks.map((_, index) => index));
  });

  it('prefers the end of a paragraph, then of a sentence, then of a word', async () => {
    const sentence = 'Here is one more sentence of the text. ';
    const paragraphs = `${sentence.repeat(5).trim()}\n\n`.repeat(20);
    for (const { text: chunk } of await chunksOf(paragraphs, { chunkTokens: 70, overlapTokens: 0 }))
      expect(chunk).toMatch(/\.\n\n$/);
    for (const { text: chunk } of await chunksOf(sentence.repeat(100), { chunkTokens: 70, overlapTokens: 10 }))
      expect(chunk).toMatch(/^Here.*text\. $/s);
    for (const { text: chunk } of await chunksOf('word '.repeat(400), { chunkTokens: 70, overlapTokens: 10 }))
      expect(chunk).toMatch(/^(word ?)+$/);
  });

  it('says from which page to which a chunk reaches', async () => {
    const sections = [1, 2, 3, 4].map((page) => ({ text: `This is what stands on page ${page}.\n\n`, source: { page } }));
    const chunks = await chunksOf(sections, { chunkTokens: 32, overlapTokens: 0 });
    expect(chunks.map(({ source }) => source)).toEqual([{ page: 1, pageEnd: 3 }, { page: 4 }]);
    expect(await chunksOf(sections.slice(0, 1), { chunkTokens: 32, overlapTokens: 0 })).toMatchObject([{ source: { page: 1 } }]);
  });

  it('begins a chunk where another heading begins, when the one before is full enough, and repeats nothing there', async () => {
    const sections = ['Tea', 'Coffee', 'Milk'].map((heading) => ({
      text: `# ${heading}\n\n${`All about ${heading}. `.repeat(8)}\n\n`,
      source: { heading },
    }));
    const chunks = await chunksOf(sections, { chunkTokens: 64, overlapTokens: 8 });
    expect(chunks.map(({ text: chunk, source }) => [chunk.slice(0, 8), source.heading])).toEqual([
      ['# Tea\n\nA', 'Tea'],
      ['# Coffee', 'Coffee'],
      ['# Milk\n\n', 'Milk'],
    ]);
  });

  it('never mixes two sheets, nor repeats one in the next', async () => {
    const sections = ['Prices', 'People'].flatMap((sheet) =>
      Array.from({ length: 40 }, (_, row) => ({ text: `${sheet}: ${row} | Value: ${row * 7}\n`, source: { sheet } })),
    );
    for (const { text: chunk, source } of await chunksOf(sections, { chunkTokens: 64, overlapTokens: 16 })) {
      expect(chunk.split('\n').filter((line) => line !== '' && !line.startsWith(`${source.sheet}: `))).toEqual([]);
    }
  });

  it('gives no chunk for a text without a word', async () => {
    expect(await chunksOf(' \n'.repeat(100_000), { chunkTokens: 64, overlapTokens: 16 })).toEqual([]);
    expect(await chunksOf([], { chunkTokens: 64, overlapTokens: 16 })).toEqual([]);
  });

  it('ends for a single character that is larger than a chunk', async () => {
    const giant = `e${'\u0301'.repeat(5_000)}`;
    const chunks = await chunksOf(giant, { chunkTokens: 32, overlapTokens: 8 });
    expect(Math.max(...chunks.map(({ tokens }) => tokens))).toBeLessThanOrEqual(32);
    expect(chunks.every(({ text: chunk }) => !/\p{Surrogate}/u.test(chunk))).toBe(true);
  });
});
