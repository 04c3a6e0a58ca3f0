import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anthropic } from '../dialects/anthropic/anthropic.js';
import { EventTexts } from '../guardrails/event-texts.js';
import { GuardedStream } from '../guardrails/guarded-stream.js';
import { RestoringFilter } from '../guardrails/restoring-filter.js';
import { TypedEvents } from '../kinds/typed-events/typed-events.js';
import { DialectStream } from '../spoken/dialect-stream.js';
import { ChatStreamFilter } from '../wire/sse-filter.js';
import type { AnswerStream } from './answer.js';

const limits = { maxEventBytes: 10_000 };
const chat = (): AnswerStream => new ChatStreamFilter({ ...limits, publishedName: 'published', usageAsked: false, choices: 1 });
const texts = (): EventTexts => new EventTexts(() => new RestoringFilter({ valueOf: () => undefined }), false);
const form = { last: new Set(['done']), parts: 1, withheld: [], measures: () => undefined };

const readers: readonly (readonly [string, () => AnswerStream])[] = [
  ['chat', chat],
  ['typed events', () => new TypedEvents('published', form, limits, undefined)],
  ['another wire', () => new DialectStream(chat(), anthropic.reader({ model: 'm', messages: [] }), {}, limits, () => false)],
  ['chat that is judged', () => new GuardedStream(chat(), texts(), limits, () => false)],
];

describe("a provider's stream", () => {
  it.each(readers)(
    'of %s tells how many events have come, however they are cut and whatever stands between them',
    (_name, open) => {
      const said = fc.record({ text: fc.string(), before: fc.constantFrom('', ': waiting\n\n', '\n', 'event: delta\n') });
      const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(fc.array(said, { maxLength: 20 }), cuts, (events, sizes) => {
          const bytes = Buffer.from(
            events
              .map(({ text, before }) => {
                const event = {
                  type: 'delta',
                  choices: [{ index: 0, delta: { content: `${text}\ndata: more` }, finish_reason: null }],
                };
                return `${before}data: ${JSON.stringify(event)}\n\n`;
              })
              .join(''),
          );
          const stream = open();
          for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            stream.push(Buffer.from(bytes.subarray(from, from + size)));
            from += size;
          }
          expect([stream.events, stream.failed]).toEqual([events.length, false]);
        }),
      );
    },
  );
});
