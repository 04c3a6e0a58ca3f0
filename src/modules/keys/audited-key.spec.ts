import { expect, it } from '@jest/globals';
import { updateKeyRequest } from '../../contracts/keys.js';
import { auditedKey } from './audited-key.js';

it('has every field of a key that may change', () => {
  const known = Object.keys(auditedKey({ limits: {} } as Parameters<typeof auditedKey>[0]));
  const given = Object.keys(updateKeyRequest.shape).filter((name) => name !== 'tenant');
  expect(given.filter((name) => !known.includes(name))).toEqual([]);
});
