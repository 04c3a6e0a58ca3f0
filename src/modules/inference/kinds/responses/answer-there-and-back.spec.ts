import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { wholeOf, type Answer, type Piece } from '../../../../../test/fixtures/conversations/form.js';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import { chunksOf } from '../../../../../test/support/recorded-chat.js';
import { heardOfChunks, heardOfEvents, heardOfResponse } from '../../../../../test/support/recorded-hearing.js';
import { eventsOfAnswer } from '../../../../../test/support/recorded-responses.js';
import { dataLines } from '../../../../../test/support/relay.js';
import type { Fields } from '../../../../kernel/fields.js';
import type { AnswerStream } from '../../call/answer.js';
import { chatForm } from '../chat/chat-form.js';
import { OverResponsesAnswer } from '../chat/over-responses/over-responses-answer.js';
import { ChoicesAnswer } from '../choices/choices-answer.js';
import { ChatToResponse } from './chat-to-response.js';
import { OverChatAnswer } from './over-chat-answer.js';
import { ResponseSaid } from './response-said.js';

const runs = { numRuns: process.env['GT_TEST_SOAK'] === '1' ? 3_000 : 100 };

const word = trickyText.filter((text) => text !== '');

/** Thoughts come first; then texts, refusals and calls whose arguments interleave. */
const answerOf = (names: readonly string[]): fc.Arbitrary<Answer> =>
  fc
    .record({
      thoughts: fc.array(fc.record({ thought: word, isNext: fc.boolean() }), { maxLength: 3 }),
      steps: fc.array(
        fc.oneof(
          word.map((text): Piece => ({ text })),
          word.map((refusal): Piece => ({ refusal })),
          fc.record({ name: fc.constantFrom(...names), input: trickyText }),
          fc.record({ which: fc.nat(), input: trickyText }),
        ),
        { maxLength: 8 },
      ),
      end: fc.constantFrom<NonNullable<Answer['end']>>('stop', 'length', 'content_filter'),
      usage: fc.record({
        input: fc.integer({ min: 9, max: 99 }),
        output: fc.integer({ min: 9, max: 99 }),
        cached: fc.nat(9),
        thought: fc.nat(9),
      }),
    })
    .map(({ thoughts, steps, end, usage }) => {
      const calls: string[] = [];
      const pieces = steps.flatMap((step): Piece[] => {
        if (!('input' in step)) return [step];
        if ('name' in step) {
          const call = `call_${calls.length}`;
          calls.push(call);
          const isCustom = step.name === 'shout' ? { isCustom: true as const } : {};
          return [{ call, name: step.name, ...isCustom, input: step.input }];
        }
        const call = 'which' in step ? calls[step.which % calls.length] : undefined;
        return call === undefined ? [] : [{ call, input: step.input }];
      });
      const told = thoughts.map(({ thought, isNext }, at): Piece => (isNext && at > 0 ? { thought, isNext } : { thought }));
      return { pieces: [...told, ...pieces], end, usage };
    });

const frame = {
  model: 'm',
  instructions: null,
  previousResponseId: null,
  conversationId: null,
  store: true,
  showsEncrypted: false,
};
const names = new Map([['shout', { name: 'shout', isCustom: true as const }]]);
const maxEventBytes = 1 << 20;

function toResponses(): AnswerStream {
  const said = new ResponseSaid(frame);
  const open = (given: Fields): ChatToResponse => new ChatToResponse(said, given, names, () => 'sealed');
  return new OverChatAnswer(said, {}, open).stream({ maxEventBytes });
}

function toChat(): AnswerStream {
  return new OverResponsesAnswer('m', true, new ChoicesAnswer(chatForm, 'm', true, 1)).stream({ maxEventBytes });
}

/** What leaves a stream whose bytes come in pieces of any size. */
function through(stream: AnswerStream, bytes: Buffer, size: number): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)) ?? Buffer.alloc(0));
  const { complete, tail } = stream.end();
  expect(complete).toBe(true);
  return Buffer.concat([...out, tail ?? Buffer.alloc(0)]);
}

/** Habits of providers, all of which say the same. */
const habits = fc.record({
  /** The last piece, the reason of the end and the usage come in one chunk, as far as they fit. */
  endsAtOnce: fc.boolean(),
  /** Chunks that say nothing stand between the others. */
  saysNothing: fc.boolean(),
  /** Events that only repeat what others have told are left out. */
  isTerse: fc.boolean(),
  line: fc.constantFrom('\n', '\r\n'),
  space: fc.constantFrom('', ' '),
});
type Habits = typeof habits extends fc.Arbitrary<infer T> ? T : never;

interface Chunk extends Fields {
  readonly choices: readonly Fields[];
}

function inHabit(chunks: readonly Chunk[], { endsAtOnce, saysNothing }: Habits): object[] {
  const all: Chunk[] = [...chunks];
  const [usage, end] = [all.at(-1), all.at(-2)];
  const [last, first] = [all.at(-3), end?.choices[0]];
  if (endsAtOnce && usage !== undefined && first !== undefined && last !== undefined) {
    const choices = last.choices.map((choice) => ({ ...choice, finish_reason: first['finish_reason'] }));
    all.splice(-3, 3, { ...last, choices, usage: usage['usage'] });
  }
  if (!saysNothing) return all;
  return all.flatMap((chunk, at) =>
    at === 0 ? [chunk] : [{ ...chunk, usage: null, choices: [{ index: 0, delta: {}, finish_reason: null }] }, chunk],
  );
}

const repeating = /in_progress$|content_part|output_text\.done|refusal\.done|summary_part|summary_text\.done|arguments\.done/;

function tersely(events: readonly object[], { isTerse }: Habits): readonly object[] {
  return isTerse ? events.filter((event) => !repeating.test(String((event as Fields)['type']))) : events;
}

const sse = (events: readonly object[], { line, space }: Habits): Buffer =>
  Buffer.from(events.map((event) => `data:${space}${JSON.stringify(event)}${line}${line}`).join(''));
const read = <T>(bytes: Buffer): T[] =>
  dataLines(bytes.toString('utf8'))
    .filter((line) => line !== '[DONE]')
    .map((line) => JSON.parse(line) as T);
const hearChat = (bytes: Buffer) => heardOfChunks(read<OpenAI.ChatCompletionChunk>(bytes), false);

describe('an answer', () => {
  it('of a chat says the same as a response, and as a chat again', () => {
    fc.assert(
      fc.property(answerOf(['f', 'g', 'shout']), fc.integer({ min: 1, max: 400 }), habits, (answer, size, habit) => {
        const response = through(
          toResponses(),
          sse(inHabit(chunksOf(answer, new Set(['f', 'g', 'shout'])) as Chunk[], habit), habit),
          size,
        );
        const events = read<OpenAI.Responses.ResponseStreamEvent>(response);
        const last = events.at(-1);
        expect(heardOfEvents(events)).toEqual(wholeOf(answer));
        expect(last !== undefined && 'response' in last ? heardOfResponse(last.response) : undefined).toEqual(wholeOf(answer));
        expect(hearChat(through(toChat(), response, size))).toEqual(wholeOf(answer));
      }),
      runs,
    );
  });

  it('of a response says the same as a chat, and as a response again', () => {
    fc.assert(
      fc.property(answerOf(['f', 'g']), fc.integer({ min: 1, max: 400 }), habits, (answer, size, habit) => {
        const chat = through(toChat(), sse(tersely(eventsOfAnswer(answer), habit), habit), size);
        expect(hearChat(chat)).toEqual(wholeOf(answer));
        const events = read<OpenAI.Responses.ResponseStreamEvent>(through(toResponses(), chat, size));
        expect(heardOfEvents(events)).toEqual(wholeOf(answer));
      }),
      runs,
    );
  });
});
