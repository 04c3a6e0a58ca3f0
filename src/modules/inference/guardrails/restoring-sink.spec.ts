import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReplySink } from '../call/reply-sink.js';
import { Placeholders } from './placeholders.js';
import { RestoringSink } from './restoring-sink.js';

const placeholders = new Placeholders((text) => Buffer.alloc(4, text));
const mail = 'jörg@müller.de';
const card = '4111 1111 1111 1111';
const [ofMail, ofCard] = [placeholders.of('email', mail), placeholders.of('card', card)];

/** A sink that remembers what it got, and what was to be kept of it. */
class Got implements ReplySink {
  readonly gone = false;
  readonly shown: Buffer[] = [];
  readonly kept: Buffer[] = [];
  setHeader(): void {
    // No headers are looked at.
  }
  head(): void {
    // Nor is the head.
  }
  write(bytes: Buffer | string, kept?: Buffer): boolean {
    this.shown.push(Buffer.from(bytes));
    this.kept.push(kept ?? Buffer.from(bytes));
    return true;
  }
  end(last: Buffer | string = '', kept?: Buffer): void {
    this.write(last, kept);
  }
  fail(): void {
    // Nothing fails here.
  }
  recording(): undefined {
    return undefined;
  }
  onDrain(): void {
    // Nothing waits.
  }
  onGone(): void {
    // Nobody leaves.
  }
  onFlushed(): void {
    // Nor is anything held.
  }
}

/** What a client and a repeat get of these pieces. */
function sent(type: string, pieces: readonly Buffer[]): { shown: string; kept: string } {
  const got = new Got();
  const sink = new RestoringSink(got, placeholders);
  sink.head(200, type);
  for (const piece of pieces) sink.write(piece);
  sink.end();
  return { shown: Buffer.concat(got.shown).toString(), kept: Buffer.concat(got.kept).toString() };
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length));
}

const wording = fc
  .array(fc.constantFrom(ofMail, ofCard, '[', '[EMAIL_', '[EMAIL_000000]', 'ä', '😀', ' and ', '"'))
  .map((parts) => parts.join(''));
const backIn = (text: string): string => text.replaceAll(ofMail, mail).replaceAll(ofCard, card);

describe('values that are put back', () => {
  it('stand in a whole answer, wherever its bytes are cut, and what is kept has none', () => {
    fc.assert(
      fc.property(wording, fc.array(fc.nat()), (text, places) => {
        const json = JSON.stringify({ text });
        const { shown, kept } = sent('application/json', cutAt(Buffer.from(json), places));
        expect(JSON.parse(shown)).toEqual({ text: backIn(text) });
        expect(kept).toBe(json);
      }),
    );
  });

  it('stand in a stream of chunks, whatever deltas say which part of a placeholder', () => {
    fc.assert(
      fc.property(wording, fc.array(fc.nat()), (text, places) => {
        const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
        const deltas = [0, ...cuts].map((from, at) => text.slice(from, cuts[at] ?? text.length));
        const chunk = (delta: object, finish_reason: string | null): Buffer =>
          Buffer.from(`data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
        const events = [...deltas.map((content) => chunk({ content }, null)), chunk({}, 'stop'), Buffer.from('data: [DONE]\n\n')];
        const { shown, kept } = sent('text/event-stream; charset=utf-8', events);
        const lines = shown.split('\n').filter((line) => line.startsWith('data: {'));
        const said = lines.map((line) => JSON.parse(line.slice(6)).choices[0].delta.content ?? '').join('');
        expect(said).toBe(backIn(text));
        expect(shown.endsWith('data: [DONE]\n\n')).toBe(true);
        expect(kept).toBe(Buffer.concat(events).toString());
      }),
    );
  });

  it('leave numbers of events rising where one had to be put in', () => {
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const typed = (type: string, sequence_number: number, further: object): Buffer =>
      Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...further })}\n\n`);
    const events = [
      typed('response.output_text.delta', 3, { ...place, delta: `to ${ofMail.slice(0, 4)}` }),
      typed('response.output_text.done', 4, { ...place, text: `to ${ofMail.slice(0, 4)}` }),
      typed('response.completed', 5, { response: { object: 'response', instructions: ofMail, output: [] } }),
    ];
    const { shown } = sent('text/event-stream', [Buffer.from(': ping\n'), ...events]);
    const read = shown.split('\n').flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
    expect(read.map(({ sequence_number: number }) => number)).toEqual([3, 4, 5, 6]);
    expect(read.map(({ delta = '' }) => delta).join('')).toBe(`to ${ofMail.slice(0, 4)}`);
    expect(read.at(-1).response.instructions).toBe(mail);
    expect(shown.startsWith(': ping\n')).toBe(true);
  });

  it('are looked for only where something was masked', () => {
    const got = new Got();
    const sink = new RestoringSink(got, new Placeholders(() => Buffer.alloc(4)));
    sink.head(200, 'text/event-stream');
    const event = Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"[EMA"}}]}\n\n`);
    sink.write(event);
    sink.end();
    expect(got.shown[0]?.equals(event)).toBe(true);
    expect(Buffer.concat(got.shown).equals(event)).toBe(true);
  });

  it('pass on byte for byte what holds none', () => {
    const event = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"hi"},"n":1.0}]}\n\n');
    expect(sent('text/event-stream', cutAt(event, [5, 30])).shown).toBe(event.toString());
  });
});
