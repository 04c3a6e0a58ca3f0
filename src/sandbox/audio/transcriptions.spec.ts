import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';
import OpenAI, { toFile } from 'openai';

useSandbox();

const bytes = Buffer.alloc(80_000, 'sound');
const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
const heard = `Heard 80000 bytes of größe.wav (${hash})`;

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  form.append('file', new Blob([bytes]), 'größe.wav');
  for (const [name, value] of Object.entries({ model: 'whisper-1', ...fields })) form.append(name, value);
  return form;
}

const post = (fields: Readonly<Record<string, string>>, route = 'transcriptions') =>
  fetch(`${sandbox.url}/v1/audio/${route}`, { method: 'POST', body: formOf(fields) });
const json = async (fields: Readonly<Record<string, string>>, route?: string) => (await post(fields, route)).json();

describe('POST /v1/audio/transcriptions', () => {
  it('says what it heard: length, name and hash, with seconds as usage', async () => {
    expect(await json({})).toEqual({ text: heard, usage: { type: 'duration', seconds: 3 } });
    const file = await toFile(bytes, 'größe.wav');
    expect(await client.audio.transcriptions.create({ file, model: 'whisper-1' })).toMatchObject({ text: heard });
  });

  it('counts tokens for models named gpt-4o-…', async () => {
    const { usage } = (await json({ model: 'gpt-4o-transcribe', prompt: 'one two' })) as { usage: object };
    expect(usage).toMatchObject({ type: 'tokens', input_tokens: 32, input_token_details: { text_tokens: 2, audio_tokens: 30 } });
  });

  it('answers as text, srt and vtt', async () => {
    const text = async (response_format: string) => {
      const answer = await post({ response_format });
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      return answer.text();
    };
    expect(await text('text')).toBe(`${heard}\n`);
    expect(await text('srt')).toBe(
      `1\n00:00:00,000 --> 00:00:01,250\nHeard 80000 bytes\n\n2\n00:00:01,250 --> 00:00:02,500\nof größe.wav (${hash})\n`,
    );
    expect(await text('vtt')).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.250\nHeard 80000 bytes\n\n/);
  });

  it('answers with segments, words and speakers', async () => {
    expect(await json({ response_format: 'verbose_json', 'timestamp_granularities[]': 'word' })).toMatchObject({
      task: 'transcribe',
      language: 'english',
      duration: 2.5,
      text: heard,
      segments: [
        { id: 0, start: 0, end: 1.25, text: 'Heard 80000 bytes' },
        { id: 1, start: 1.25, end: 2.5 },
      ],
      words: [{ word: 'Heard', start: 0 }, {}, {}, {}, {}, { word: `(${hash})`, end: 2.5 }],
      usage: { type: 'duration', seconds: 3 },
    });
    expect(await json({ response_format: 'diarized_json' })).toMatchObject({
      segments: [
        { type: 'transcript.text.segment', id: 'seg_0', speaker: 'A' },
        { id: 'seg_1', speaker: 'B' },
      ],
    });
  });

  it('streams its words and then the whole with the usage', async () => {
    const file = await toFile(bytes, 'größe.wav');
    const stream = await client.audio.transcriptions.create({
      file,
      model: 'gpt-4o-transcribe',
      stream: true,
      include: ['logprobs'],
    });
    const events: OpenAI.Audio.TranscriptionStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map((event) => (event.type === 'transcript.text.delta' ? event.delta : '')).join('')).toBe(heard);
    expect(events[0]).toMatchObject({ delta: 'Heard', logprobs: [{ token: 'Heard' }] });
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text: heard, usage: { type: 'tokens' } });
  });

  it('takes commands from the prompt, and shows its headers', async () => {
    expect((await post({ prompt: '[[status:429]] [[retry-after:7]]' })).headers.get('retry-after')).toBe('7');
    const { text } = (await json({ prompt: '[[show-headers]]' })) as { text: string };
    expect(JSON.parse(text)).toMatchObject({ 'content-type': expect.stringMatching(/^multipart\/form-data/) });
  });

  it('holds nothing of a file, however long it is', async () => {
    const size = 256 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024, 1);
    const before = process.memoryUsage().rss;
    let highest = before;
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n');
      yield Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="long.wav"\r\n\r\n');
      for (let sent = 0; sent < size; sent += chunk.length) {
        yield chunk;
        highest = Math.max(highest, process.memoryUsage().rss);
      }
      yield Buffer.from('\r\n--b--\r\n');
    }
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const init = { method: 'POST', headers, body: ReadableStream.from(body()), duplex: 'half' } as RequestInit;
    const answer = await fetch(`${sandbox.url}/v1/audio/transcriptions`, init);
    expect(await answer.json()).toMatchObject({ text: expect.stringMatching(`^Heard ${size} bytes of long\\.wav`) });
    expect(highest - before).toBeLessThan(size / 2);
  });

  it('lives on when a client leaves in the middle of its file', async () => {
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.write('POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n');
    socket.write(
      'content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    );
    const stats = async () => (await (await fetch(`${sandbox.url}/sandbox/stats`)).json()) as { active: number; aborted: number };
    while ((await stats()).active === 0);
    socket.destroy();
    while ((await stats()).active > 0);
    expect((await stats()).aborted).toBe(1);
    expect((await post({})).status).toBe(200);
  });

  it.each<[Readonly<Record<string, string>>, string | null]>([
    [{ model: '' }, null],
    [{ response_format: 'xml' }, 'response_format'],
    [{ temperature: '7' }, 'temperature'],
    [{ stream: 'perhaps' }, 'stream'],
  ])('refuses %j', async (fields, param) => {
    const answer = await post(fields);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });

  it('refuses a form without a file, and one that breaks off', async () => {
    const without = new FormData();
    without.append('model', 'm');
    const missing = await fetch(`${sandbox.url}/v1/audio/transcriptions`, { method: 'POST', body: without });
    expect(await missing.json()).toMatchObject({ error: { param: 'file', code: 'missing_required_parameter' } });
    const broken = await fetch(`${sandbox.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    });
    expect(broken.status).toBe(400);
  });
});

describe('POST /v1/audio/translations', () => {
  it('answers in English with the forms it has', async () => {
    expect(await json({}, 'translations')).toEqual({ text: heard });
    expect(await json({ response_format: 'verbose_json' }, 'translations')).toMatchObject({
      task: 'translate',
      language: 'english',
      duration: 2.5,
    });
    expect((await post({ response_format: 'diarized_json' }, 'translations')).status).toBe(400);
  });
});
