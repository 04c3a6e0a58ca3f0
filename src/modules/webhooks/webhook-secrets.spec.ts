import { describe, expect, it } from '@jest/globals';
import { KeyRing } from '../../platform/secrets/key-ring.js';
import { WebhookSecrets } from './webhook-secrets.js';

const [first, second] = ['one', 'two'].map((id) => `${id}:${Buffer.alloc(32, id).toString('base64')}`) as [string, string];

describe('former secrets', () => {
  it('whose key has left the ring are left out, and the others open', () => {
    const before = new WebhookSecrets(new KeyRing([first]));
    const between = new WebhookSecrets(new KeyRing([second, first]));
    const after = new WebhookSecrets(new KeyRing([second]));
    const [lost, kept] = [before.make(), between.make()];
    const sealed = [between.seal('ten_1', 'whk_1', kept), before.seal('ten_1', 'whk_1', lost)];
    expect(between.openFormer('ten_1', 'whk_1', sealed)).toEqual([kept, lost]);
    expect(after.openFormer('ten_1', 'whk_1', sealed)).toEqual([kept]);
  });

  it('open in their own webhook of their own tenant alone', () => {
    const secrets = new WebhookSecrets(new KeyRing([first]));
    const sealed = [secrets.seal('ten_1', 'whk_1', secrets.make())];
    expect(secrets.openFormer('ten_1', 'whk_2', sealed)).toEqual([]);
    expect(secrets.openFormer('ten_2', 'whk_1', sealed)).toEqual([]);
  });
});
