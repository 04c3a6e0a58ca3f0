import { describe, expect, it } from '@jest/globals';
import { ExchangeFailedError } from '../../platform/upstream/whole-exchange.js';
import { failureOf, judge } from './embedding-outcome.js';

describe("an embedding model's refusal", () => {
  it('is told without the secrets of its connection', () => {
    const bytes = Buffer.from(JSON.stringify({ error: { message: 'Team blue-team-7731 may embed 10 texts with vectors-9.' } }));
    const reply = { status: 400, headers: {}, body: undefined, bytes };
    const outcome = judge(reply, 1, { model: 'vectors-9', secrets: ['blue-team-7731'] });
    const sentence = 'Team [removed] may embed 10 texts with the model.';
    expect(outcome).toMatchObject({
      error: { message: `The embedding model refused the text (status 400): ${sentence}`, refusal: { sentence } },
    });
  });
});

describe('a call for which the process had no place', () => {
  it('may be made again', () => {
    const error = failureOf(new ExchangeFailedError({ kind: 'busy', sent: false, cause: new Error('late') }));
    expect([error.status, error.code, error.mayPass]).toEqual([503, 'overloaded', true]);
  });
});
