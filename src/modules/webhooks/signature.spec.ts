import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signedHeaders } from './signature.js';

describe('the signature of a delivery', () => {
  it('is the one that the Standard Webhooks specification gives for its own example', () => {
    const headers = signedHeaders(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is a list in the order of the secrets, each signing as it would alone', () => {
    const secrets = fc.array(
      fc.base64String({ minLength: 4 }).map((text) => `whsec_${text}`),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(secrets, fc.string(), (given, body) => {
        const parts = { id: 'whd_1', timestamp: 1_790_000_000, body };
        const { 'webhook-signature': all = '', ...rest } = signedHeaders(given, parts);
        const alone = given.map((secret) => signedHeaders([secret], parts));
        expect(all.split(' ')).toEqual(alone.map((headers) => headers['webhook-signature']));
        for (const headers of alone) expect(headers).toMatchObject(rest);
      }),
    );
  });
});
