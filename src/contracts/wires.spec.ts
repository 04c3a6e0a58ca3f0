import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { connectionWires, saidPlace, tokenPlace, wireFacts } from './wires.js';

const headers = [...Object.values(wireFacts).map(({ header }) => header), 'X-API-Key', 'x-own'];

describe('where a token stands', () => {
  it.each([
    ['openai', {}, { header: 'authorization', prefix: 'Bearer' }],
    ['openai', { header: 'api-key', prefix: '' }, { header: 'api-key', prefix: '' }],
    ['anthropic', {}, { header: 'x-api-key', prefix: '' }],
    ['anthropic', { header: 'X-Api-Key' }, { header: 'X-Api-Key', prefix: '' }],
    ['anthropic', { header: 'authorization' }, { header: 'authorization', prefix: 'Bearer' }],
    ['azure', {}, { header: 'api-key', prefix: '' }],
    ['azure', { header: 'authorization' }, { header: 'authorization', prefix: 'Bearer' }],
    ['gemini', { prefix: 'Key' }, { header: 'x-goog-api-key', prefix: 'Key' }],
  ])('over %s with %j is %j', (wire, given, place) => expect(tokenPlace(wire, given)).toEqual(place));

  it('is the same when no more is said of it than has to be', () => {
    const given = fc.record(
      { header: fc.constantFrom(...headers), prefix: fc.constantFrom('', 'Bearer', 'Key') },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...connectionWires), given, (wire, said) => {
        const place = tokenPlace(wire, said);
        expect(tokenPlace(wire, saidPlace(wire, place))).toEqual(place);
      }),
    );
  });
});
