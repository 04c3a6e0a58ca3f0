import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scrub, searchedPart } from './scrub.js';

const names = { providerModel: 'accounts/acme/llama-9', publishedName: 'assistant' };

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

  it('never has more than 500 characters, whatever it is', () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 2000 }),
      fc
        .tuple(fc.constantFrom('a.', 'a-', '1.', 'a:', ':', '/a', 'sk-', 'a a. ', ' '), fc.nat(300_000))
        .map(([part, times]) => part.repeat(times)),
    );
    fc.assert(
      fc.property(hostile, (said) => {
        expect(scrub(said, names).length).toBeLessThanOrEqual(500);
        const searched = searchedPart(said);
        expect(searched.length).toBeLessThanOrEqual(2_000);
        for (const word of searched.split(/[^!-~]+/)) expect(word.length).toBeLessThanOrEqual(256);
      }),
      { numRuns: 60 },
    );
  });

  it('is cut between words: no host is cut in two and then missed', () => {
    const address = `https://a.example/${'p'.repeat(181)} `;
    fc.assert(
      fc.property(fc.integer({ min: 80, max: 101 }), (words) => {
        const said = `${address.repeat(9)}${'x '.repeat(words)}gpu7.internal.example is away`;
        expect(scrub(said, names)).not.toMatch(/gpu7|internal/);
      }),
    );
  });
});
