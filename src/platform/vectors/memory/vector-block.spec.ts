import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VectorBlock, type BlockSet } from './vector-block.js';

const dimensions = 20;

interface Change {
  /** Files that come, or come anew, each with so many passages. */
  readonly added: readonly (readonly [file: number, passages: number])[];
  readonly gone: readonly number[];
  /** The reading breaks off. */
  readonly fails: boolean;
}

const change: fc.Arbitrary<Change> = fc.record({
  added: fc.uniqueArray(fc.tuple(fc.nat(7), fc.oneof(fc.nat(5), fc.constantFrom(40, 3_000))), {
    selector: ([file]) => file,
    maxLength: 3,
  }),
  gone: fc.uniqueArray(fc.nat(7), { maxLength: 3 }),
  fails: fc.boolean(),
});

/** A vector that tells whose it is. */
function vectorOf(file: number, version: number, ordinal: number): Float32Array {
  const vector = new Float32Array(dimensions).fill(-0.001);
  [file, version, ordinal].forEach((value, at) => (vector[at] = value + 1));
  return vector;
}

function apply(block: VectorBlock, { added, gone, fails }: Change, version: number): void {
  const from = block.next;
  const sets = new Map<number, BlockSet>();
  for (const [file, passages] of added) {
    const number = block.begin();
    const start = block.next;
    for (let ordinal = 0; ordinal < passages; ordinal += 1) block.addVector(number, ordinal, vectorOf(file, version, ordinal));
    sets.set(number, { fileId: `file-${file}`, ingestionId: '', version: String(version), start, count: passages });
  }
  if (fails) block.rollback(from);
  else
    block.commit(
      sets,
      gone.map((file) => `file-${file}`),
    );
}

/** Each row that is seen as text: its passage, and the vector or the signs that stand for it. */
function seen(block: VectorBlock, only?: ReadonlySet<string>): string[] {
  const rows: string[] = [];
  for (const { first, count, vectors, bits } of block.pieces(only)) {
    for (let row = 0; row < count; row += 1) {
      const passage = block.passage(first + row);
      const at = row * dimensions;
      const ratio = Math.round(((vectors[at + 2] ?? NaN) / (vectors[at + 1] ?? NaN)) * 1_000) / 1_000;
      const what = block.hasVectors ? String(ratio) : String(bits[row * block.rowBytes]);
      rows.push(`${passage?.set.fileId} ${passage?.set.version} ${passage?.ordinal} ${what}`);
    }
  }
  return rows.sort();
}

describe('a block', () => {
  it.each([[true], [false]])('shows the sets of the last commit and no others, with vectors: %s', (keepVectors) => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.uniqueArray(fc.nat(9)), (changes, filter) => {
        const block = new VectorBlock(dimensions, keepVectors);
        const model = new Map<number, readonly [version: number, passages: number]>();
        changes.forEach((one, at) => {
          apply(block, one, at + 1);
          if (one.fails) return;
          for (const file of one.gone) model.delete(file);
          for (const [file, passages] of one.added) model.set(file, [at + 1, passages]);
        });
        const expected = (keeps: (file: number) => boolean): string[] =>
          [...model]
            .filter(([file]) => keeps(file))
            .flatMap(([file, [version, passages]]) =>
              Array.from({ length: passages }, (_, ordinal) => {
                const ratio = Math.round(((ordinal + 1) / (version + 1)) * 1_000) / 1_000;
                return `file-${file} ${version} ${ordinal} ${keepVectors ? ratio : 7}`;
              }),
            )
            .sort();
        const all = expected(() => true);
        const kept = new Set(filter.map((file) => `file-${file}`));
        expect(seen(block)).toEqual(all);
        expect(block.size).toBe(all.length);
        expect(seen(block, kept)).toEqual(expected((file) => filter.includes(file)));
        expect(block.count(kept)).toBe(expected((file) => filter.includes(file)).length);
        // What is gone is given back: no more than a page beside what is needed.
        expect(block.bytes).toBeLessThanOrEqual((Math.ceil(all.length / 0.75) + 2_048 + 6_000) * block.bytesPerRow);
      }),
      { numRuns: 60 },
    );
  });
});
