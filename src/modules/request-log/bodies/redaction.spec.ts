import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import { KeptBody, keptBytes } from './kept-body.js';
import { redactedText } from './redaction.js';
import { stringLiterals } from './string-literals.js';

const policy: PromptPolicy = {
  guardrails: [
    { module: 'pii', action: 'mask', kinds: ['email', 'phone'], on: 'input' },
    { module: 'pii', action: 'block', patterns: [{ name: 'BADGE', pattern: 'B-\\d{4}' }], on: 'output' },
  ],
};
const secret = 'ann.lee@example.com';

describe('what is kept of a body', () => {
  it('is its beginning, in a copy, and how long it is', () => {
    const body = new KeptBody();
    const piece = Buffer.from('é'.repeat(keptBytes / 4));
    for (let times = 0; times < 3; times += 1) body.add(piece);
    body.add('x');
    piece.fill(0);
    expect([body.isCut, body.bytes, body.text()]).toEqual([true, piece.length * 3 + 1, 'é'.repeat(keptBytes / 2)]);
  });

  it('ends before a character that is cut, and is no text where its bytes are none', () => {
    const cut = new KeptBody();
    cut.add(`a${'é'.repeat(keptBytes)}`);
    expect(cut.text()).toBe(`a${'é'.repeat(keptBytes / 2 - 1)}`);
    const image = new KeptBody();
    image.add(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xd8]));
    expect(image.text()).toBeUndefined();
  });
});

describe('the strings of a text of JSON', () => {
  it('are all of them, and wherever it is cut those before the cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.nat({ max: 10_000 }), (values, at) => {
        const text = JSON.stringify(values);
        const read = (part: string) =>
          [...stringLiterals(part)].map(({ start, end }) => JSON.parse(`"${part.slice(start, end)}"`) as string);
        expect(read(text)).toEqual(values);
        const cut = read(text.slice(0, at % (text.length + 1)));
        expect(cut.slice(0, -1)).toEqual(values.slice(0, Math.max(0, cut.length - 1)));
        if (cut.length > 0) expect(values[cut.length - 1]?.startsWith(cut.at(-1) ?? '')).toBe(true);
      }),
    );
  });
});

describe('what is taken out of a body', () => {
  it('is what the guardrails of the key look for, wherever it stands in JSON, and nothing else', async () => {
    const words = fc.array(fc.constantFrom('one', ' ', '\n', '"', '\\', 'é', '\t', secret, '+49 30 901820', 'B-1234'), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 4 }), async (texts) => {
        const said = texts.map((parts) => parts.join(' '));
        const kept = JSON.parse(await redactedText(JSON.stringify({ said }), policy)) as { said: string[] };
        const expected = said.map((one) =>
          one.replaceAll(secret, '[EMAIL]').replaceAll('+49 30 901820', '[PHONE]').replaceAll('B-1234', '[BADGE]'),
        );
        expect(kept.said).toEqual(expected);
      }),
    );
  });

  it('is taken out where escapes hide it, in events, in plain text, and in a body that is cut', async () => {
    const hidden = JSON.stringify({ text: `line\n${secret}` }).replace('@', '\\u0040');
    expect(await redactedText(hidden, policy)).toBe(String.raw`{"text":"line\n[EMAIL]"}`);
    const events = (said: string): string => `data: {"text":"${said}"}\n\ndata: [DONE]\n\n`;
    expect(await redactedText(events(secret), policy)).toBe(events('[EMAIL]'));
    expect(await redactedText(`to ${secret}`, policy)).toBe('to [EMAIL]');
    expect(await redactedText(`{"text":"to ${secret}, and`, policy)).toBe('{"text":"to [EMAIL], and');
  });

  it('is every credential, also where the key has no guardrails', async () => {
    const text = '{"a":"gtak_abcdefgh1234","b":"sk-abcdefghijkl","c":"Bearer xyz","d":"https://u:p@host"}';
    for (const by of [null, policy])
      expect(await redactedText(text, by)).toBe(
        '{"a":"[redacted]","b":"[redacted]","c":"Bearer [redacted]","d":"https://[redacted]@host"}',
      );
  });
});
