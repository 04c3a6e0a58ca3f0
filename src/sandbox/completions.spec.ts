import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';
import { countTokens } from './tokens.js';

useSandbox();

describe('POST /v1/completions', () => {
  it('echoes the prompt and counts its tokens', async () => {
    const completion = await client.completions.create({ model: 'm', prompt: 'hello world' });
    expect(completion).toMatchObject({
      object: 'text_completion',
      model: 'm-2026-01-01',
      choices: [{ text: 'You said: hello world', index: 0, finish_reason: 'stop' }],
    });
    expect(completion.id).toMatch(/^cmpl-/);
    expect(completion.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: countTokens('You said: hello world') });
  });

  it('answers n times to each of several prompts', async () => {
    const { choices } = await client.completions.create({ model: 'm', prompt: ['a', 'b'], n: 2 });
    expect(choices.map((choice) => [choice.index, choice.text])).toEqual([
      [0, 'You said: a'],
      [1, 'You said: a'],
      [2, 'You said: b'],
      [3, 'You said: b'],
    ]);
  });

  it('takes token ids in both forms', async () => {
    const one = await client.completions.create({ model: 'm', prompt: [1, 2, 3] });
    expect([one.choices[0]?.text, one.usage?.prompt_tokens]).toEqual(['You said: [3 tokens]', 3]);
    const two = await client.completions.create({ model: 'm', prompt: [[1], [2, 3]] });
    expect(two.choices.map((choice) => choice.text)).toEqual(['You said: [1 token]', 'You said: [2 tokens]']);
  });

  it('obeys echo, stop, max_tokens and logprobs', async () => {
    const echo = await client.completions.create({ model: 'm', prompt: 'hi there', echo: true, max_tokens: 2, logprobs: 1 });
    expect(echo.choices[0]).toMatchObject({ text: 'hi thereYou said', finish_reason: 'length' });
    expect(echo.choices[0]?.logprobs?.tokens?.join('')).toBe('hi thereYou said');
    expect((await client.completions.create({ model: 'm', prompt: 'one two', stop: ' two' })).choices[0]?.text).toBe(
      'You said: one',
    );
  });

  it('streams the same text and usage', async () => {
    const plain = await client.completions.create({ model: 'm', prompt: 'hello there world' });
    const stream = await client.completions.create({
      model: 'm',
      prompt: 'hello there world',
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe(plain.choices[0]?.text);
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(['stop']);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: plain.usage });
  });

  it('refuses a request without a prompt or with a wrong one', async () => {
    for (const prompt of [undefined, [], 7, [['x']]]) {
      const answer = await fetch(`${sandbox.url}/v1/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', prompt }),
      });
      expect(answer.status).toBe(400);
    }
  });
});
