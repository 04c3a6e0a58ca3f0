import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { cutWords } from '../../src/platform/words/cut-words.js';
import { vectorArray, wordVector, wordVectors } from '../../src/platform/words/word-vector.js';
import { createMigratedDatabase } from '../support/app.js';
import type { TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createMigratedDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

interface Entry {
  readonly lexeme: string;
  readonly positions: number[];
  readonly weights: string[];
}

/** The vectors as the database has received them, and whether it would have sorted and written them so itself. */
async function received(vectors: Buffer): Promise<{ entries: Entry[] | null; is_own_form: boolean | null }[]> {
  const { rows } = await client.query<{ entries: Entry[] | null; is_own_form: boolean | null }>(
    `select (select json_agg(json_build_object('lexeme', lexeme, 'positions', positions, 'weights', weights)) from unnest(given.vector)) as entries,
            given.vector = given.vector::text::tsvector as is_own_form
       from unnest($1::tsvector[]) given (vector)`,
    [vectors],
  );
  return rows;
}

const piece = fc.oneof(
  fc.constantFrom(
    'word',
    'Straße',
    'E-mail',
    'report.pdf',
    '1.234,50',
    'ﬁn',
    "don't",
    '東京都',
    'ภาษาไทย',
    'Łódź',
    'a-\nb',
    'x'.repeat(600),
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const text = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', '\n', '-', ', ', '')), { maxLength: 40 })
  .map((all) => all.flat().join(''));

describe('the words of a text, as the database gets them', () => {
  it('are all words that were cut, each at its places, in the form that the database gives them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (texts) => {
        const rows = await received(await wordVectors(texts));
        expect(rows).toHaveLength(texts.length);
        for (const [at, { entries, is_own_form: isOwnForm }] of rows.entries()) {
          expect(isOwnForm).toBe(true);
          const expected = new Map<string, Set<number>>();
          const put = (word: string, place: number): unknown => expected.set(word, (expected.get(word) ?? new Set()).add(place));
          let place = 0;
          for (const { words, compound, joined } of cutWords(texts[at] ?? '')) {
            for (const whole of [compound, joined]) if (whole !== undefined) put(whole, place + 1);
            for (const { exact, folded } of words) {
              place += 1;
              for (const word of [exact, folded]) put(word, place);
            }
          }
          const told = new Map((entries ?? []).map(({ lexeme, positions }) => [lexeme, new Set(positions)]));
          expect(told).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('stand with the weight A where they are written so', async () => {
    const [row] = await received(vectorArray([wordVector('Straße Strasse')]));
    expect(row?.entries?.map(({ lexeme, positions, weights }) => [lexeme, positions, weights])).toEqual(
      expect.arrayContaining([
        ['strasse', [1, 2], ['D', 'A']],
        ['straße', [1], ['A']],
      ]),
    );
  });

  it('are taken whatever the length of the text, and none are no vector', async () => {
    const long = Array.from({ length: 200_000 }, (_, at) => `word${at % 90_000} again`).join(' ');
    const rows = await received(vectorArray([wordVector(long), null, wordVector('')]));
    expect(rows.map(({ is_own_form: isOwnForm }) => isOwnForm)).toEqual([true, null, true]);
    const again = rows[0]?.entries?.find(({ lexeme }) => lexeme === 'again');
    expect(again?.positions).toHaveLength(255);
  });
});
