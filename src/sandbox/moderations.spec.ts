import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../test/support/sandbox-client.js';

useSandbox();

const image = (url: string) => ({ type: 'image_url', image_url: { url } }) as const;
const text = (words: string) => ({ type: 'text', text: words }) as const;
const judge = async (input: OpenAI.ModerationCreateParams['input']) =>
  (await client.moderations.create({ model: 'm', input })).results;

describe('POST /v1/moderations', () => {
  it('flags a text that holds the word violence, for violence alone', async () => {
    const answer = await client.moderations.create({ model: 'm', input: 'no Violence!' });
    expect(answer).toMatchObject({ id: expect.stringMatching(/^modr-/), model: 'm-2026-01-01' });
    const [result] = answer.results;
    expect(result?.flagged).toBe(true);
    expect(Object.entries(result?.categories ?? {}).filter(([, is]) => is)).toEqual([['violence', true]]);
    expect(result?.category_scores.violence).toBeGreaterThan(0.5);
    expect(result?.category_applied_input_types.violence).toEqual(['text']);
    expect(Object.keys(result?.category_scores ?? {})).toHaveLength(13);
  });

  it('judges each text of a list alone, and parts together', async () => {
    expect((await judge(['peace', 'violence', 'nonviolence'])).map((result) => result.flagged)).toEqual([false, true, false]);
    const parts = await judge([text('peace'), image('https://example.com/violence.png')]);
    expect(parts).toMatchObject([{ flagged: true, category_applied_input_types: { violence: ['image'], hate: ['text'] } }]);
    expect(await judge([text('peace'), image('data:image/png;base64,AA==')])).toMatchObject([{ flagged: false }]);
  });

  it('needs no model', async () => {
    expect(await client.moderations.create({ input: 'x' })).toMatchObject({ model: 'sandbox-moderate-2026-01-01' });
  });

  it.each([
    [{}, 'input'],
    [{ input: 1 }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: [{ type: 'audio' }] }, 'input[0].type'],
    [{ input: [{ type: 'image_url', image_url: 'x' }] }, 'input[0].image_url'],
  ])('refuses %j', async (body, param) => {
    const answer = await fetch(`${sandbox.url}/v1/moderations`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});
