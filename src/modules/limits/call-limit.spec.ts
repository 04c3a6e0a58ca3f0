import { describe, expect, it } from '@jest/globals';
import { callLimits } from './call-limit.js';

describe('the limits of calls among stored ones', () => {
  const subject = { tenantId: 'ten_a', owner: 'endpoint', id: 'end_1', epoch: 7 } as const;
  const limit = { owner: 'endpoint', ownerId: 'end_1', epoch: 7 };

  it('are those that are set, none of them too', () => {
    expect(callLimits(subject, { requests_per_minute: 5, tokens_per_minute: null, parallel_requests: 0 })).toEqual([
      { ...limit, id: 'ten_a/endpoint/end_1/requests', kind: 'requests', most: 5 },
      { ...limit, id: 'ten_a/endpoint/end_1/parallel', kind: 'parallel', most: 0 },
    ]);
    expect(callLimits(subject, { tokens_per_minute: 9 })).toEqual([
      { ...limit, id: 'ten_a/endpoint/end_1/tokens', kind: 'tokens', most: 9 },
    ]);
    expect(callLimits(subject, {})).toEqual([]);
  });
});
