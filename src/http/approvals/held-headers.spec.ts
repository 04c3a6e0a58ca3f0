import { describe, expect, it } from '@jest/globals';
import { heldHeaders } from './held-headers.js';

describe('the headers that are kept with a held call', () => {
  it('are those that say something of the call, and no credential under any name', () => {
    const credentials = {
      authorization: 'Bearer gtak_x',
      'x-api-key': 'gtak_x',
      'api-key': 'gtak_x',
      'x-goog-api-key': 'gtak_x',
    };
    const call = { 'content-type': 'application/json', 'x-gt-model': 'a/b', 'openai-organization': 'org' };
    expect(heldHeaders({ ...credentials, cookie: 'a=b', ...call, 'content-length': '9' })).toEqual(call);
  });
});
