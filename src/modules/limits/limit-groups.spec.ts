import { describe, expect, it } from '@jest/globals';
import { limitOf } from '../../../test/support/leases.js';
import { groupsOf } from './limit-groups.js';

describe('limits by when they are asked for', () => {
  const [requests, tokens, parallel] = [limitOf('requests', 1), limitOf('tokens', 2), limitOf('parallel', 3)];

  it('are one request and one place at first, and tokens when the call is known', () => {
    expect(groupsOf([requests, tokens, parallel])).toEqual({
      request: [
        { limit: requests, units: 1 },
        { limit: parallel, units: 1 },
      ],
      place: [{ limit: parallel, units: 1 }],
      tokens: [tokens],
    });
  });

  it('are sorted once for each list', () => {
    const [list, same] = [[requests], [requests]];
    expect(groupsOf(list)).toBe(groupsOf(list));
    expect(groupsOf(same)).not.toBe(groupsOf(list));
  });
});
