import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DayAnchor } from './anchor.js';
import { canonicalJson, chainHash, chainStart } from './chain-hash.js';
import { ChainWalk, type ChainLink } from './chain-walk.js';

const startMs = Date.parse('2027-01-01T00:00:00.000Z');
const nowMs = startMs + 1_000_000_000;

function rowAt(at: number, name = 'a'): ChainLink['row'] {
  return { id: `aud_${at}`, actor: name, before: null, created_at: new Date(startMs + at * 1_000).toISOString() };
}

/** A chain of so many rows, from these hash and number on. */
function chainOf(rows: readonly ChainLink['row'][], from: Buffer = chainStart, after = 0): ChainLink[] {
  let hash = from;
  return rows.map((row, at) => {
    const seq = after + at + 1;
    hash = chainHash(hash, row, seq);
    return { id: String(row['id']), seq, hash: hash.toString('hex'), row };
  });
}

const chain = (count: number) => chainOf(Array.from({ length: count }, (_none, at) => rowAt(at)));

function faultsOf(links: readonly ChainLink[], anchors: readonly DayAnchor[] = [], end?: ChainLink): unknown[] {
  const walk = new ChainWalk(anchors, nowMs);
  for (const link of links) walk.add(link);
  const last = end ?? links.at(-1);
  walk.end(last === undefined ? undefined : { seq: last.seq, hash: last.hash ?? '' });
  expect(walk.faultCount).toBe(walk.faults.length);
  return walk.faults.map(({ seq, id, fault }) => [fault, seq, id]);
}

const anchorOf = ({ seq, hash }: ChainLink): DayAnchor => {
  return { chain: 'ten_1', seq, hash: hash ?? '', at: new Date(startMs).toISOString(), day: '2027-01-01' };
};

const length = fc.integer({ min: 3, max: 30 });
/** A chain, and the place of a row that has others around it. */
const placed = length.chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count - 2 })));

describe('a walk along a chain', () => {
  it('finds nothing where nothing was done', () => {
    fc.assert(
      fc.property(length, fc.nat(29), (count, at) => {
        const links = chain(count);
        expect(faultsOf(links, [anchorOf(links[at % count] as ChainLink)])).toEqual([]);
      }),
    );
    expect(faultsOf([])).toEqual([]);
  });

  it('finds a changed row, whatever was changed of it', () => {
    fc.assert(
      fc.property(placed, fc.constantFrom('actor', 'before', 'created_at', 'new'), ([count, at], field) => {
        const links = chain(count);
        const link = links[at] as ChainLink;
        links[at] = { ...link, row: { ...link.row, [field]: 'x' } };
        expect(faultsOf(links)).toEqual([['changed', at + 1, link.id]]);
      }),
    );
  });

  it('finds a changed row that was hashed anew, at the row behind it', () => {
    fc.assert(
      fc.property(placed, ([count, at]) => {
        const links = chain(count);
        const before = Buffer.from(links[at - 1]?.hash ?? '', 'hex');
        const [anew] = chainOf([rowAt(at, 'b')], before, at);
        links[at] = anew as ChainLink;
        expect(faultsOf(links)).toEqual([['changed', at + 2, links[at + 1]?.id]]);
      }),
    );
  });

  it('finds removed rows, one or several', () => {
    fc.assert(
      fc.property(placed, fc.integer({ min: 1, max: 5 }), ([count, at], wanted) => {
        const links = chain(count);
        const end = links.at(-1);
        const gone = links.splice(at, Math.min(wanted, count - 1 - at));
        expect(faultsOf(links, [], end)).toEqual(gone.map(({ seq }) => ['removed', seq, null]));
      }),
    );
  });

  it('finds an inserted row that takes the number of another, wherever it stands', () => {
    fc.assert(
      fc.property(placed, fc.boolean(), ([count, at], isFirst) => {
        const links = chain(count);
        const twin = { ...(links[at] as ChainLink), id: 'aud_x', row: rowAt(at, 'x') };
        links.splice(isFirst ? at : at + 1, 0, twin);
        expect(faultsOf(links)).toEqual([['inserted', at + 1, 'aud_x']]);
      }),
    );
  });

  it('finds a row whose time is not the one at which it was sealed', () => {
    const sealedLate = chainOf([...Array.from({ length: 3 }, (_none, at) => rowAt(4_000 + at)), rowAt(0)]);
    expect(faultsOf(sealedLate)).toEqual([['inserted', 4, 'aud_0']]);
    const ofTheFuture = chainOf([rowAt(0), rowAt(9_000_000), rowAt(1)]);
    expect(faultsOf(ofTheFuture)).toEqual([['inserted', 2, 'aud_9000000']]);
    // A slow transaction is no fault.
    expect(faultsOf(chainOf([rowAt(100), rowAt(0), rowAt(101)]))).toEqual([]);
    expect(faultsOf([{ ...(chain(1)[0] as ChainLink), seq: 0 }, ...chain(2)])).toEqual([['inserted', 0, 'aud_0']]);
  });

  it('finds a cut tail by an anchor, or by where the database says that the chain ends', () => {
    fc.assert(
      fc.property(placed, ([count, at]) => {
        const links = chain(count);
        const end = links.at(-1) as ChainLink;
        const left = links.slice(0, at);
        expect(faultsOf(left, [anchorOf(end)])).toEqual([['cut', count, null]]);
        expect(faultsOf(left, [], end)).toEqual([['cut', count, null]]);
      }),
    );
  });

  it('finds a tail that was cut and chained again', () => {
    fc.assert(
      fc.property(placed, ([count, at]) => {
        const links = chain(count);
        const left = links.slice(0, at);
        const before = Buffer.from(left.at(-1)?.hash ?? '', 'hex');
        const anew = [
          ...left,
          ...chainOf(
            Array.from({ length: count - at + 2 }, (_none, more) => rowAt(at + more, 'b')),
            before,
            at,
          ),
        ];
        expect(faultsOf(anew)).toEqual([]);
        expect(faultsOf(anew, [anchorOf(links.at(-1) as ChainLink)])).toEqual([['anchor_mismatch', count, anew[count - 1]?.id]]);
      }),
    );
  });

  it('counts what it does not show', () => {
    const walk = new ChainWalk([], nowMs);
    const [first, last] = [chain(1)[0] as ChainLink, chainOf([rowAt(1)], chainStart, 1_001)[0] as ChainLink];
    walk.add(first);
    walk.add(last);
    walk.end({ seq: last.seq, hash: last.hash ?? '' });
    expect([walk.faults.length, walk.faultCount]).toEqual([100, 1_000]);
  });
});

describe('the hash of a row', () => {
  it('is over canonical JSON, and leaves out what is null', () => {
    expect(canonicalJson({ b: [1, 'é\n', null], a: { z: 1.5, ä: true } })).toBe('{"a":{"z":1.5,"ä":true},"b":[1,"é\\n",null]}');
    const row = { id: 'aud_1', before: null, changes: { b: 1, a: 2 } };
    const hash = chainHash(chainStart, row, 1).toString('hex');
    expect(chainHash(chainStart, { changes: { a: 2, b: 1 }, id: 'aud_1', later: null }, 1).toString('hex')).toBe(hash);
    // Whoever verifies an export elsewhere gets this one.
    expect(hash).toBe('b2819a57cc2a13987f8a0ee6ec87c9580f339a2336239937b8ad84d5b0ce55d1');
  });
});
