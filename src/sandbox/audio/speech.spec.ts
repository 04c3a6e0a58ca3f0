import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { client, sandbox, useSandbox } from '../../../test/support/sandbox-client.js';
import { checksum } from './crc.js';

useSandbox();

type Format = NonNullable<OpenAI.Audio.SpeechCreateParams['response_format']>;
const say = (input: string, body: object = {}) => client.audio.speech.create({ model: 'm', voice: 'alloy', input, ...body });
const bytesOf = async (input: string, response_format: Format) =>
  Buffer.from(await (await say(input, { response_format })).arrayBuffer());

/** How many frames the file has, by walking from one to the next as a reader of the format does; throws where one does not fit. */
const walkers: Readonly<Record<Format, (file: Buffer) => number>> = {
  pcm: (file) => file.length / 960,
  wav: (file) => {
    expect([file.toString('latin1', 0, 4), file.toString('latin1', 8, 16)]).toEqual(['RIFF', 'WAVEfmt ']);
    expect([file.readUInt32LE(4), file.readUInt32LE(40)]).toEqual([file.length - 8, file.length - 44]);
    return (file.length - 44) / 960;
  },
  mp3: (file) => walk(file, 0, (at) => (file.readUInt32BE(at) === 0xfff344c4 ? 96 : 0)),
  aac: (file) => walk(file, 0, (at) => (file.readUInt16BE(at) === 0xfff1 ? (file.readUInt16BE(at + 4) >> 5) & 0x7ff : 0)),
  opus: (file) => {
    let samples = 0n;
    const pages = walk(file, 0, (at) => {
      const packets = file[at + 26] ?? 0;
      const length = 27 + packets + file.subarray(at + 27, at + 27 + packets).reduce((sum, size) => sum + size, 0);
      const page = Buffer.from(file.subarray(at, at + length));
      const check = page.readUInt32LE(22);
      page.writeUInt32LE(0, 22);
      samples = page.readBigUInt64LE(6);
      return page.toString('latin1', 0, 4) === 'OggS' && checksum(page, 32, 0x04c11db7) === check ? length : 0;
    });
    expect(Number(samples)).toBe((pages - 2) * 24_000);
    return pages - 2;
  },
  flac: (file) => {
    expect(file.toString('latin1', 0, 4)).toBe('fLaC');
    const frames = walk(file, 42, (at) => {
      const next = file.indexOf(Buffer.from([0xff, 0xf8]), at + 2);
      const frame = file.subarray(at, next < 0 ? file.length : next);
      return checksum(frame.subarray(0, -2), 16, 0x8005) === frame.readUInt16BE(frame.length - 2) ? frame.length : 0;
    });
    expect(file.readUInt32BE(22)).toBe(frames * 4096);
    return frames;
  },
};

function walk(file: Buffer, start: number, lengthAt: (at: number) => number): number {
  let frames = 0;
  for (let at = start; at < file.length; frames += 1) {
    const length = lengthAt(at);
    if (length === 0) throw new Error(`no frame at ${at}`);
    at += length;
  }
  return frames;
}

describe('POST /v1/audio/speech', () => {
  it.each<[Format, string]>([
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
    ['opus', 'audio/opus'],
    ['aac', 'audio/aac'],
    ['flac', 'audio/flac'],
    ['pcm', 'audio/pcm'],
  ])('gives a valid file of %s, longer for a longer text and always the same', async (format, type) => {
    const short = await say('hi', { response_format: format });
    expect(short.headers.get('content-type')).toBe(type);
    const frames = walkers[format](Buffer.from(await short.arrayBuffer()));
    expect(frames).toBeGreaterThanOrEqual(1);
    const long = await bytesOf('hi '.repeat(100), format);
    expect(walkers[format](long)).toBeGreaterThan(frames * 20);
    expect(await bytesOf('hi '.repeat(100), format)).toEqual(long);
  });

  it('is mp3 unless said otherwise', async () => {
    expect((await say('hi')).headers.get('content-type')).toBe('audio/mpeg');
  });

  it('is streamed in as many pieces as a test wants, as large as it wants', async () => {
    expect((await bytesOf('x [[huge:100000]]', 'wav')).length).toBeGreaterThanOrEqual(100_000);
    const begin = performance.now();
    expect(walkers.mp3(await bytesOf('x [[chunks:5]] [[pace:20]]', 'mp3'))).toBeGreaterThanOrEqual(5);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(4 * 19);
    await expect(bytesOf('hello [[chunks:5]] [[cut:2]]', 'mp3')).rejects.toThrow();
  });

  it('comes as events that join to the file', async () => {
    const input = 'hello there, this is long';
    const answer = await say(input, { stream_format: 'sse', response_format: 'wav' });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const events = [...(await answer.text()).matchAll(/^data: (.*)$/gm)].map(
      ([, data = '']) => JSON.parse(data) as { type: string; audio?: string; usage?: object },
    );
    expect(events.length).toBeGreaterThan(2);
    expect(events.slice(0, -1).every((event) => event.type === 'speech.audio.delta')).toBe(true);
    const joined = Buffer.concat(events.map((event) => Buffer.from(event.audio ?? '', 'base64')));
    expect(joined).toEqual(await bytesOf(input, 'wav'));
    expect(events.at(-1)).toEqual({
      type: 'speech.audio.done',
      usage: { input_tokens: 6, output_tokens: expect.any(Number), total_tokens: expect.any(Number) },
    });
  });

  it.each([
    [{ input: 'x', voice: 'alloy' }, null],
    [{ model: 'm', voice: 'alloy' }, 'input'],
    [{ model: 'm', input: '', voice: 'alloy' }, 'input'],
    [{ model: 'm', input: 'x'.repeat(4097), voice: 'alloy' }, 'input'],
    [{ model: 'm', input: 'x' }, 'voice'],
    [{ model: 'm', input: 'x', voice: 'alloy', response_format: 'midi' }, 'response_format'],
    [{ model: 'm', input: 'x', voice: 'alloy', speed: 9 }, 'speed'],
  ])('refuses a malformed request %#', async (body, param) => {
    const answer = await fetch(`${sandbox.url}/v1/audio/speech`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});
