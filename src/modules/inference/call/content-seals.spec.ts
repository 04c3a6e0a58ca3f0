import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyRing } from '../../../platform/secrets/key-ring.js';
import type { PublishedEndpoint } from '../../agents/published-endpoint.js';
import { ContentSeals, isPlatformSealed, type EndpointSeals } from './content-seals.js';

const keyOf = (byte: number): string => `k${byte}:${Buffer.alloc(32, byte).toString('base64')}`;
const seals = new ContentSeals(new KeyRing([keyOf(1)]));

/** The seals of an endpoint that leads to a model. */
function at(tenant = 'ten_1', endpoint = 'ep_1', connection = 'con_1', model = 'm', of = seals): EndpointSeals {
  const target = { connection: { id: connection }, model };
  return of.of(tenant, { endpoint: { id: endpoint } as PublishedEndpoint, target: target as never }, {});
}

describe('content that a client brings back', () => {
  it('opens as what was sealed, whatever it says', () => {
    const content = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(content, fc.constantFrom('reasoning' as const, 'compaction' as const), (said, kind) => {
        const text = at().seal(kind, said);
        expect(isPlatformSealed(text)).toBe(true);
        expect(at().open(kind, text)).toEqual({ state: 'open', content: JSON.parse(JSON.stringify(said)) });
      }),
    );
  });

  it('is shorter than one and a half times what it says, and a hundred and fifty characters', () => {
    const thought = 'x'.repeat(10_000);
    expect(at().seal('reasoning', { thought }).length).toBeLessThan(1.5 * thought.length + 150);
  });

  it('opens neither altered, cut, lengthened nor written in another way', () => {
    const text = at().seal('reasoning', { reasoning_content: 'secret' });
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.constantFrom(...'ABab01-_=. \n'), (place, letter) => {
        const altered = [
          text.slice(0, place) + letter + text.slice(place + 1),
          text.slice(0, place),
          text.slice(0, place) + letter + text.slice(place),
        ].filter((one) => one !== text);
        for (const one of altered) expect(at().open('reasoning', one)).toEqual({ state: 'foreign' });
      }),
      { numRuns: 300 },
    );
  });

  it('opens as nothing else, and not under another tenant or key ring', () => {
    const text = at().seal('reasoning', { reasoning_content: 'secret' });
    expect(at().open('compaction', text)).toEqual({ state: 'foreign' });
    expect(at('ten_2').open('reasoning', text)).toEqual({ state: 'foreign' });
    const others = new ContentSeals(new KeyRing([keyOf(2)]));
    expect(at('ten_1', 'ep_1', 'con_1', 'm', others).open('reasoning', text)).toEqual({ state: 'foreign' });
    for (const foreign of ['', 'gt1.', 'gAAAAABsomething', 'Zm9yZWlnbg=='])
      expect(at().open('reasoning', foreign)).toEqual({ state: 'foreign' });
  });

  it('is of a model that its endpoint has left, or foreign where another endpoint leads elsewhere', () => {
    const text = at().seal('reasoning', { reasoning_content: 'secret' });
    expect(at('ten_1', 'ep_1', 'con_1', 'n').open('reasoning', text)).toEqual({ state: 'left' });
    expect(at('ten_1', 'ep_1', 'con_2', 'm').open('reasoning', text)).toEqual({ state: 'left' });
    expect(at('ten_1', 'ep_2', 'con_2', 'm').open('reasoning', text)).toEqual({ state: 'foreign' });
    expect(at('ten_1', 'ep_2').open('reasoning', text)).toMatchObject({ state: 'open' });
  });
});

describe('the seals of one request', () => {
  /** A key ring that counts what it opens. */
  class CountingRing extends KeyRing {
    count = 0;

    override openBytes(...given: Parameters<KeyRing['openBytes']>): Buffer {
      this.count += 1;
      return super.openBytes(...given);
    }
  }

  const ring = new CountingRing([keyOf(1)]);
  const all = new ContentSeals(ring);
  const of = (request: object): EndpointSeals =>
    all.of(
      'ten_1',
      { endpoint: { id: 'ep_1' } as PublishedEndpoint, target: { connection: { id: 'con_1' }, model: 'm' } as never },
      request,
    );

  it('are opened once, and each reader has an object of its own', () => {
    const request = {};
    const text = of(request).seal('reasoning', { list: [] });
    ring.count = 0;
    expect(of(request).isKnown('reasoning', text)).toBe(false);
    expect(of(request).judge('reasoning', text)).toBe('open');
    const [first, second] = [of(request).open('reasoning', text), of(request).open('reasoning', text)];
    expect([ring.count, of(request).isKnown('reasoning', text)]).toEqual([1, true]);
    expect(second).toEqual(first);
    expect(first.state === 'open' && second.state === 'open' && first.content['list'] !== second.content['list']).toBe(true);
  });

  it('are nothing to another request', () => {
    const text = of({}).seal('reasoning', {});
    const request = {};
    of(request).judge('reasoning', text);
    expect([of({}).isKnown('reasoning', text), of(request).isKnown('compaction', text)]).toEqual([false, false]);
    expect(of(request).judge('compaction', text)).toBe('foreign');
  });
});
