import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { dataLines, post, user } from '../support/relay.js';
import { openStream } from '../support/scripted-provider.js';

const mail = 'alice.liddell@example.com';
const masks = { module: 'pii', action: 'mask', on: 'output' };

let platform: TestPlatform;
let provider: RecordingProvider;
const tenants: Record<string, SeededTenant> = {};

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of ['chat', 'responses']) {
    const tenant = await platform.factory.tenant(`guarded-${wire}`, provider.url);
    await platform.factory.wire(tenant, wire);
    tenants[wire] = tenant;
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

/** How an event with this JSON and, where it has one, this name is written. */
type Spelling = (json: string, name?: string) => string;

const named = (name: string | undefined, end = '\n'): string => (name === undefined ? '' : `event: ${name}${end}`);
const mark = '\ufeff';
const spellings: readonly (readonly [string, Spelling])[] = [
  ['with one blank', (json, name) => `${named(name)}data: ${json}\n\n`],
  ['with two blanks', (json, name) => `${named(name)}data:  ${json}\n\n`],
  ['with a tab', (json, name) => `${named(name)}data:\t${json} \n\n`],
  ['without a blank', (json, name) => `${named(name)}data:${json}\n\n`],
  ['with carriage returns', (json, name) => `${named(name, '\r\n')}data:  ${json}\r\n\r\n`],
  ['behind a byte order mark', (json, name) => `${mark}${named(name)}data: ${json}\n\n`],
  ['in two lines', (json, name) => `${named(name)}data:\ndata:  ${json.slice(0, 1)}\ndata: ${json.slice(1)}\n\n`],
  ['behind a comment', (json, name) => `: ${json}\n${named(name)}id: 1\ndata:  ${json}\n\n`],
  ['with a name of an error', (json, name) => `${name === undefined ? '' : 'event: error\n'}data: ${json}\n\n`],
];

const chunk = (delta: object, finish_reason: string | null = null): string =>
  JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });

/** Answers with these events, and with the words that end a stream. */
function say(write: (event: (json: string, name?: string) => void) => void, spell: Spelling): void {
  provider.answerWith((_body, response) => {
    openStream(response);
    write((json, name) => response.write(spell(json, name)));
    response.end('data: [DONE]\n\n');
  });
}

async function streamed(wire: string, guardrails: readonly object[], content: string): Promise<string> {
  const key = await platform.factory.key(tenants[wire] as SeededTenant, { promptPolicy: { guardrails } });
  const path = wire === 'chat' ? '/chat/completions' : '/responses';
  const asked = wire === 'chat' ? { messages: [user(content)] } : { input: content, store: false };
  const body = { model: 'assistant', ...asked, stream: true };
  return (await post({ url: `${platform.app.baseUrl}${path}`, secret: key.secret, body })).text();
}

const contentOf = (text: string): string =>
  dataLines(text)
    .filter((line) => line !== '[DONE]')
    .map((line) => (JSON.parse(line) as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ?? '')
    .join('');

/** Readers of typed events take this, those of chats drop it. */
const markedInside: Spelling = (json, name) => `${named(name)}data: ${mark}${json}\n\n`;

describe.each(spellings)('events that are written %s', (_how, spell) => {
  it('are judged in a chat', async () => {
    say((event) => {
      event(chunk({ content: 'Write to ' }));
      event(chunk({ content: `${mail}.` }));
      event(chunk({}, 'stop'));
    }, spell);
    const text = await streamed('chat', [masks], 'hi');
    expect(text).not.toContain(mail);
    expect(contentOf(text)).toMatch(/^Write to \[EMAIL_\w{6}\]\.$/);
  });

  it('are given back their values', async () => {
    provider.answerWith((body, response) => {
      openStream(response);
      response.write(spell(chunk({ content: `To ${String(body.messages.at(-1)?.content)}.` })));
      response.write(spell(chunk({}, 'stop')));
      response.end('data: [DONE]\n\n');
    });
    expect(contentOf(await streamed('chat', [{ module: 'pii', action: 'mask', restore: true }], mail))).toBe(`To ${mail}.`);
  });

  it('are judged in a response', () => expectJudgedInResponse(spell));
});

describe('events that are written with a byte order mark in them', () => {
  it('are judged in a response', () => expectJudgedInResponse(markedInside));
});

async function expectJudgedInResponse(spell: Spelling): Promise<void> {
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    ['response.created', { response: { object: 'response', id: 'resp_1', status: 'in_progress', output: [] } }],
    ['response.output_text.delta', { ...place, delta: `Write to ${mail}.` }],
  ] as const;
  for (const hasType of [true, false]) {
    say((event) => {
      for (const [type, members] of events) event(JSON.stringify(hasType ? { type, ...members } : members), type);
    }, spell);
    expect(await streamed('responses', [masks], 'hi')).not.toContain(mail);
  }
}

describe('an event whose type stands in its name alone', () => {
  it('is passed on judged', async () => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed' };
    const whole = (output: unknown[], status: string): object => ({
      response: { object: 'response', id: 'resp_1', created_at: 1, model: 'm', status, output },
    });
    const content = [{ type: 'output_text', text: `Write to ${mail}.`, annotations: [] }];
    say(
      (event) => {
        event(JSON.stringify(whole([], 'in_progress')), 'response.created');
        event(
          JSON.stringify({ item_id: 'msg_1', output_index: 0, content_index: 0, delta: `Write to ${mail}.` }),
          'response.output_text.delta',
        );
        event(JSON.stringify({ output_index: 0, item: { ...message, content } }), 'response.output_item.done');
        event(JSON.stringify(whole([{ ...message, content }], 'completed')), 'response.completed');
      },
      (json, name) => `event: ${name ?? ''}\ndata: ${json}\n\n`,
    );
    const text = await streamed('responses', [masks], 'hi');
    expect(text).not.toContain(mail);
    expect(text).toMatch(/event: response\.completed\n.*Write to \[EMAIL_\w{6}\]\./);
  });
});

describe('what is no JSON object', () => {
  it.each(['[{"choices":[]}]', '"alice.liddell@example.com"', '\u000b{"choices":[]}', 'alice.liddell@example.com'])(
    'is not passed on: %s',
    async (said) => {
      provider.answerWith((_body, response) => {
        openStream(response);
        response.write(`data: ${said}\n\n`);
        response.write(`data: ${chunk({ content: 'fine' }, 'stop')}\n\n`);
        response.end('data: [DONE]\n\n');
      });
      const text = await streamed('chat', [masks], 'hi');
      expect(text).not.toContain(mail);
      expect(contentOf(text)).toBe('fine');
    },
  );

  it('ends the stream where it begins as one', async () => {
    provider.answerWith((_body, response) => {
      openStream(response);
      response.end(`data:  {"choices":[{"delta":{"content":"${mail}"}}\n\ndata: [DONE]\n\n`);
    });
    const text = await streamed('chat', [masks], 'hi');
    expect(text).not.toContain(mail);
    expect(text).toContain('"code":"upstream_error"');
  });
});
