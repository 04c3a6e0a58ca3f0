import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventLog } from './event-log.js';

const delta = fc.record({
  type: fc.constantFrom('response.output_text.delta', 'response.function_call_arguments.delta'),
  item_id: fc.constantFrom('a', 'b'),
  output_index: fc.constant(0),
  delta: fc.string({ unit: 'grapheme' }),
});
const other = fc.record({ type: fc.constantFrom('response.in_progress', 'response.output_item.done'), output_index: fc.nat(3) });
/** An event, or that what waits is stored. */
const steps = fc.array(fc.oneof(delta, other, fc.constant('stored' as const)), { maxLength: 40 });

const written = (event: object): Buffer =>
  Buffer.from(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
const read = (json: string) => JSON.parse(json) as { type: string; item_id?: string; delta?: string; sequence_number: number };

/** The same with neighbouring deltas of one text put together. */
function joined(events: readonly { type: string; item_id?: string; delta?: string }[]): string[] {
  const texts: { place: string; text: string }[] = [];
  for (const { type, item_id: item, delta: text = '' } of events) {
    const place = `${type} ${item ?? ''}`;
    const last = texts.at(-1);
    if (last?.place === place && type.endsWith('.delta')) last.text += text;
    else texts.push({ place, text });
  }
  return texts.map(({ place, text }) => `${place}: ${text}`);
}

describe('the events of a run', () => {
  it('say what was sent, under numbers that rise, however they are stored', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const log = new EventLog(1);
        const stored: { number: number; json: string }[] = [];
        for (const step of given) {
          if (step === 'stored') stored.push(...log.taken());
          else log.add(written(step));
        }
        stored.push(...log.taken());
        const events = stored.map(({ json }) => read(json));
        const numbers = stored.map(({ number }) => number);
        expect(events.map((event) => event.sequence_number)).toEqual(numbers);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(numbers.every((number) => number > 1)).toBe(true);
        expect(joined(events)).toEqual(joined(given.filter((step) => step !== 'stored')));
        expect([log.isEmpty, log.bytes]).toEqual([true, 0]);
      }),
    );
  });

  it('leave out what the response was queued with, and comments', () => {
    const log = new EventLog(1);
    log.add(
      Buffer.concat([Buffer.from(': ping\n'), written({ type: 'response.created' }), written({ type: 'response.in_progress' })]),
    );
    expect(log.taken().map(({ type, number }) => [type, number])).toEqual([['response.in_progress', 2]]);
  });

  it('keep deltas with probabilities as they came, and numbers as they were written', () => {
    const log = new EventLog(1);
    for (const text of ['a', 'b'])
      log.add(
        Buffer.from(`event: x\ndata: {"type":"response.output_text.delta","delta":"${text}","logprobs":[{"logprob":-1.0}]}\n\n`),
      );
    const [first, second] = log.taken().map(({ json }) => json);
    expect(first).toContain('"delta":"a","logprobs":[{"logprob":-1.0}]');
    expect(second).toContain('"delta":"b","logprobs":[{"logprob":-1.0}]');
  });
});
