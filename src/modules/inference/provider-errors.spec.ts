import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { providerError, retryAfterMs, scrub } from './provider-errors.js';

const names = {
  providerModel: 'accounts/acme/llama-9',
  publishedName: 'assistant',
  hidden: ['Be kind.', 'Never speak of the merger with the company of the seven lakes.'],
};
const body = (error: object) => Buffer.from(JSON.stringify({ error }));

describe("a provider's sentence", () => {
  it.each([
    ['a URL', 'see https://api.provider.example/v1?x=1 please', 'see [removed] please'],
    ['a host', 'no answer from gpu-7.cluster.internal today', 'no answer from [removed] today'],
    ['a host with its port', 'no answer from worker7:8443 today', 'no answer from [removed] today'],
    ['an address', 'no answer from 10.0.3.4:8000 today', 'no answer from [removed] today'],
    ['an IPv6 address', 'no answer from [fd00:1::2:3]:8000 today', 'no answer from [removed] today'],
    ['an organisation', 'in organization org-abc123 on', 'in organization [removed] on'],
    ['a key', 'provided: sk-proj-abc_DEF123', 'provided: [removed]'],
    ['a masked key', 'provided: sk-ab****wxyz', 'provided: [removed]'],
    ["a key of Google's", 'provided: AIzaSyA1234567890abcdef', 'provided: [removed]'],
    ['a key without a mark', 'provided: 0123456789abcdef0123456789abcdef', 'provided: [removed]'],
    ['the id of a user or request', 'user-Ab12Cd34 in req_0123456789', '[removed] in [removed]'],
    ['a path', 'in /opt/vllm/engine.py line 3', 'in [removed] line 3'],
  ])('is told without %s', (_what, said, told) => {
    expect(scrub(said, names)).toBe(told);
  });

  it('says the published name for the model, whole, short or dated', () => {
    expect(scrub('accounts/acme/llama-9, llama-9 and Llama-9-2026-01-01', names)).toBe('assistant, assistant and assistant');
  });

  it.each([
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    "Invalid value for 'messages[0].content': expected a string.",
    "Unknown parameter: 'user_location' or 'key_id' or 'organization'.",
    'Incorrect API key provided: it is not valid at 12:30:45, use gpt-4.1 or image/png.',
  ])('keeps what is no secret: %s', (said) => {
    expect(scrub(said, names)).toBe(said);
  });

  it.each(['Bad message: "Be kind."', 'Too long: "Never speak of the merger with the compa..."'])(
    'is not told when it quotes instructions: %s',
    (said) => {
      expect(scrub(said, names)).toBe('The model provider refused the request.');
    },
  );

  it('never has more than 500 characters, and is scrubbed in time whatever it is', () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 2000 }),
      fc
        .tuple(fc.constantFrom('a.', 'a-', '1.', 'a:', ':', '/a', 'sk-'), fc.nat(300_000))
        .map(([part, times]) => part.repeat(times)),
    );
    fc.assert(
      fc.property(hostile, (said) => {
        const startedAt = performance.now();
        expect(scrub(said, names).length).toBeLessThanOrEqual(500);
        expect(performance.now() - startedAt).toBeLessThan(1000);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a provider's refusal", () => {
  it.each([400, 413, 422])('%i passes code, param and the scrubbed sentence', (status) => {
    const error = providerError(
      status,
      {},
      body({ message: 'llama-9 at https://x.example', code: 'too_long', param: 'messages' }),
      names,
    );
    expect([error.status, error.body().error]).toEqual([
      status,
      { message: 'assistant at [removed]', type: 'invalid_request_error', param: 'messages', code: 'too_long' },
    ]);
  });

  it.each([401, 403, 404, 500, 502, 503, 302, 204])('%i is a 502 that shows nothing of it', (status) => {
    const error = providerError(status, {}, body({ message: 'secret words', code: 'secret_code', param: 'secret' }), names);
    expect(error.status).toBe(502);
    expect(JSON.stringify(error.body())).not.toContain('secret');
  });

  it('429 keeps how long to wait; its own spent quota is a 502', () => {
    const busy = providerError(429, { 'retry-after': '7' }, body({ message: 'slow', code: 'rate_limit_exceeded' }), names);
    expect([busy.status, busy.headers]).toEqual([429, { 'retry-after': '7', 'retry-after-ms': '7000' }]);
    expect(providerError(429, {}, body({ code: 'insufficient_quota' }), names).status).toBe(502);
    expect(providerError(429, {}, body({ type: 'insufficient_quota', code: null }), names).status).toBe(502);
  });

  it.each(['', 'no JSON', '[]', 'null', '"text"', '{"error":"just text"}', '{"detail":[{"loc":["body"]}]}', '{"error":null}'])(
    'whose body is %s is a 400 in the envelope all the same',
    (text) => {
      const error = providerError(400, {}, Buffer.from(text), names);
      expect([error.status, typeof error.body().error.message, error.body().error.code]).toEqual([400, 'string', null]);
    },
  );
});

describe('the time to wait', () => {
  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '2', 'retry-after-ms': '150' }, 150],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ])('of %j is %s ms', (headers, expected) => {
    expect(retryAfterMs(headers)).toBe(expected);
  });
});
