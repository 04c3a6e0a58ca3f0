import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exactText } from '../../../../test/support/json-arbitraries.js';
import { atOnce } from '../../../kernel/steps.js';
import { textsOf } from './counted-texts.js';
import { judgeBody } from './guarded-body.js';
import { MatchTime } from './match-time.js';
import { longestValue } from './personal-data.js';
import { Placeholders } from './placeholders.js';
import { rulesOf } from './policy-rules.js';
import { TextJudge } from './text-judge.js';

type Policy = Parameters<typeof rulesOf>[0];

async function judgeOf(policy: Policy, time = new MatchTime(60_000)): Promise<TextJudge> {
  const placeholders = new Placeholders((text) => createHash('sha256').update(text).digest());
  return new TextJudge((await rulesOf(policy)).input, placeholders, { side: 'request', hold: longestValue, time });
}

async function judged(body: string, policy: Policy) {
  return atOnce(judgeBody(Buffer.from(body), await judgeOf(policy)));
}

const masks: Policy = { guardrails: [{ module: 'pii', action: 'mask' }] };
const blocks: Policy = { guardrails: [{ module: 'blocked_terms', terms: ['bad'] }] };
const maskedBody = async (body: string): Promise<string> => (await judged(body, masks)).bytes.toString('utf8');
const mail = 'alice@example.com';
const isPlaceholder = /^\[EMAIL_[0-9A-Z]{6}\]$/;

describe('a guarded body', () => {
  it('keeps every byte but those of strings in which something is masked', async () => {
    const body = String.raw`{ "temperature":1.0, "seed" : 12345678901234567890, "messages":[{"role":"user","content":"\u0041 ${mail} \"x\""}] }`;
    const masked = await maskedBody(body);
    expect(masked.replace(/\[EMAIL_[0-9A-Z]{6}\]/, mail)).toBe(body.replace('\\u0041', 'A'));
    expect(masked).not.toContain(mail);
  });

  it('is the very same where nothing is masked', async () => {
    await fc.assert(
      fc.asyncProperty(exactText, async (text) => {
        const given = `{"messages":${text}}`;
        expect(await maskedBody(given)).toBe(given);
      }),
    );
  });

  it('gives the same value the same placeholder, and another one another', async () => {
    const body = JSON.stringify({ input: [mail, `${mail} bob@example.com`] });
    const { input } = JSON.parse(await maskedBody(body)) as { input: string[] };
    const [first = '', both = ''] = input;
    const [again, other] = both.split(' ');
    expect(first).toMatch(isPlaceholder);
    expect(other).toMatch(isPlaceholder);
    expect([again, other === first]).toEqual([first, false]);
  });

  it.each([
    ['a message', { messages: [{ role: 'user', content: mail }] }],
    ['a part', { messages: [{ role: 'user', content: [{ type: 'text', text: mail }] }] }],
    ['an argument', { messages: [{ role: 'assistant', tool_calls: [{ function: { arguments: `{"to":"${mail}"}` } }] }] }],
    ['a result', { input: [{ type: 'function_call_output', call_id: '1', output: mail }] }],
    ['instructions', { instructions: mail }],
    ['a prompt', { prompt: [mail] }],
    ['a description of a tool', { tools: [{ type: 'function', function: { name: 'f', description: mail } }] }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { schema: { description: mail } } } }],
    ['a member that nobody knows', { documents: [{ anything: { text: mail } }] }],
    ['an escaped name', '{"\\u0070rompt":"alice\\u0040example.com"}'],
    ['a name that stands twice', `{"input":"a","input":"${mail}"}`],
  ])('is read in %s', async (_what, body) => {
    const masked = await maskedBody(typeof body === 'string' ? body : JSON.stringify(body));
    expect(masked).toMatch(/\[EMAIL_[0-9A-Z]{6}\]/);
    expect(masked).not.toContain('@');
  });

  it.each([
    ['labels of the client', { user: mail, metadata: { to: mail }, safety_identifier: mail, prompt_cache_key: mail }],
    ['addresses of pictures', { messages: [{ content: [{ type: 'image_url', image_url: { url: `https://a.test/${mail}` } }] }] }],
    ['sealed content', { input: [{ type: 'reasoning', encrypted_content: mail, id: mail }] }],
    ['bytes', { input: [{ content: [{ type: 'input_file', file_data: mail }] }] }],
    ['credentials', { tools: [{ type: 'mcp', authorization: mail, headers: { a: mail } }] }],
    ['lists of words', { stop: [mail], include: [mail] }],
  ])('is not read in %s', async (_what, body) => {
    const text = JSON.stringify(body);
    expect(await maskedBody(text)).toBe(text);
  });

  it('is found in long strings, wherever they are cut', async () => {
    const filler = fc.constantFrom('x', 'word ', '\\n', '\\\\', '\\u00e4', 'ä', '😀', '\\ud83d\\ude00');
    await fc.assert(
      fc.asyncProperty(filler, fc.integer({ min: 0, max: 40 }), async (unit, shift) => {
        const long = 'y'.repeat(shift) + unit.repeat(Math.ceil(20_000 / unit.length));
        const masked = await maskedBody(`{"input":"${long} ${mail} ${long}"}`);
        const { input } = JSON.parse(masked) as { input: string };
        const plain = JSON.parse(`"${long}"`) as string;
        expect(input.replace(/\[EMAIL_[0-9A-Z]{6}\]/, mail)).toBe(`${plain} ${mail} ${plain}`);
        expect(input).not.toContain(mail);
      }),
      { numRuns: 40 },
    );
  });

  it('is refused for a term, and says neither the term nor where it stands', async () => {
    const refusal = judged('{"input":["fine","a bad word"]}', blocks);
    await expect(refusal).rejects.toMatchObject({ code: 'content_policy', status: 400, param: null });
    await expect(refusal).rejects.toThrow(/\(blocked_terms\): it holds a term that is not allowed\.$/);
    await expect(judged('{"input":"a badge"}', blocks)).resolves.toBeDefined();
  });

  it('is refused for personal data where that is blocked, whatever else masks it', async () => {
    const policy: Policy = {
      guardrails: [
        { module: 'pii', action: 'mask' },
        { module: 'pii', action: 'block', kinds: ['card'] },
      ],
    };
    await expect(judged('{"input":"4111 1111 1111 1111"}', policy)).rejects.toMatchObject({ code: 'content_policy' });
    expect((await judged(`{"input":"${mail}"}`, policy)).bytes.toString()).not.toContain(mail);
  });

  it("is refused where a tenant's patterns take too long, whatever becomes of their matches", async () => {
    const policy: Policy = {
      guardrails: [{ module: 'pii', action: 'mask', kinds: [], patterns: [{ name: 'SLOW', pattern: '(?:[ab]*a[ab]{20}c|a)' }] }],
    };
    const body = Buffer.from(`{"input":"${'ab'.repeat(500)}"}`);
    let now = 0;
    const impatient = await judgeOf(policy, new MatchTime(1_000, () => (now += 1_000)));
    expect(() => atOnce(judgeBody(body, impatient))).toThrow(expect.objectContaining({ code: 'content_policy' }));
    expect(() => atOnce(judgeBody(body, impatient))).toThrow('(pii): it cannot be judged: its patterns take too long.');
    expect(atOnce(judgeBody(body, await judgeOf(policy))).bytes.toString()).toMatch(/^\{"input":"(\[SLOW_\w{6}\]b){500}"\}$/);
  });

  it('is refused where a string cannot be read', async () => {
    await expect(judged(String.raw`{"input":["\x"]}`, masks)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('gives its texts alone, and how many tokens stand in it as numbers', async () => {
    const body = '{"model":"m","input":["a",[1,2,-3]],"n":1,"metadata":{"x":"y"},"tools":[1]}';
    const found = await judged(body, masks);
    expect(found).toMatchObject({ texts: 1, textBytes: 3, tokens: 3 });
    expect(JSON.parse(atOnce(textsOf(Buffer.from(body), found)).toString())).toEqual({ input: ['a'] });
  });

  it('is judged in steps, however it is built', async () => {
    const judge = await judgeOf(masks);
    for (const body of [
      `{"input":"${'1 '.repeat(500_000)}"}`,
      `{"input":[${'"1",'.repeat(250_000)}""]}`,
      `[${'1,'.repeat(500_000)}1]`,
    ]) {
      let steps = 0;
      for (const step of judgeBody(Buffer.from(body), judge)) steps += step === undefined ? 1 : 0;
      expect(steps).toBeGreaterThan(40);
    }
  });
});
