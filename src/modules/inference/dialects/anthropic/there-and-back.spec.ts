import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventsOfMessage, messageOf, thoughtBlock } from '../../../../../test/support/anthropic-provider.js';
import { faultOf } from '../../../../../test/support/anthropic-rules.js';
import { trickyText } from '../../../../../test/support/json-arbitraries.js';
import type { Fields } from '../../../../kernel/fields.js';
import { AnswerCollector } from '../../chunks/chat-answer.js';
import { anthropic } from './anthropic.js';

/** What a model says in one answer: thoughts, then words, then calls. */
interface Said {
  readonly thoughts: readonly string[];
  readonly text: string;
  readonly inputs: readonly Fields[];
}

/** A question, an answer, and what the tools say to its calls. */
interface Round extends Said {
  readonly question: string;
  readonly result: string;
}

const words = trickyText.map((text) => text.replace(/\p{Surrogate}/gu, '').trim()).filter((text) => /\S/.test(text));
const input = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(trickyText, fc.integer(), fc.boolean()), {
  noNullPrototype: true,
});
const said: fc.Arbitrary<Said> = fc.record({
  thoughts: fc.array(words, { maxLength: 2 }),
  text: words,
  inputs: fc.array(input, { maxLength: 3 }),
});
const round: fc.Arbitrary<Round> = fc
  .record({ question: words, result: words, said })
  .map(({ said: answer, ...rest }) => ({ ...rest, ...answer }));
const conversation = fc.array(round, { minLength: 1, maxLength: 4 });

const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
const blocksOf = ({ thoughts, text, inputs }: Said, at: number): Fields[] => [
  ...thoughts.map(thoughtBlock),
  { type: 'text', text },
  ...inputs.map((given, index) => ({ type: 'tool_use', id: `call_${at}_${index}`, name: 'f', input: given })),
];

/** The message of the assistant that a client of chat makes of an answer, streamed or whole. */
function messageOfAnswer(blocks: readonly Fields[], streamed: boolean): Fields {
  const reader = anthropic.reader({ model: 'm', messages: [], tools });
  const chunks = streamed ? eventsOfMessage(blocks).flatMap((event) => reader.take(event)) : [reader.whole(messageOf(blocks))];
  const collector = new AnswerCollector();
  for (const chunk of chunks) collector.add(structuredClone(chunk));
  const { text, calls, further } = collector.said();
  const told = calls.map(({ id, name, input: given }) => ({ id, type: 'function', function: { name, arguments: given } }));
  return { role: 'assistant', content: text, ...further, ...(told.length === 0 ? {} : { tool_calls: told }) };
}

describe('a conversation there and back', () => {
  it('is the same conversation, however its answers came', () => {
    fc.assert(
      fc.property(conversation, fc.boolean(), (rounds, streamed) => {
        const messages: Fields[] = [];
        const expected: Fields[] = [];
        for (const [at, one] of rounds.entries()) {
          const blocks = blocksOf(one, at);
          const calls = blocks.filter(({ type }) => type === 'tool_use');
          const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: one.result }));
          messages.push({ role: 'user', content: one.question }, messageOfAnswer(blocks, streamed), ...results);
          const question = { type: 'text', text: one.question };
          const last = expected.at(-1);
          if (last?.['role'] === 'user') (last['content'] as Fields[]).push(question);
          else expected.push({ role: 'user', content: [question] });
          expected.push({ role: 'assistant', content: blocks });
          const told = calls.map(({ id }) => ({
            type: 'tool_result',
            tool_use_id: id,
            content: [{ type: 'text', text: one.result }],
          }));
          if (told.length > 0) expected.push({ role: 'user', content: told });
        }
        const { body } = anthropic.request({ model: 'm', messages, tools }, { stream: false, kept: () => undefined });
        expect(faultOf(body)).toBeUndefined();
        expect(body['messages']).toEqual(expected);
      }),
    );
  });

  it('is whole without the members that a client of OpenAI forgets, where the calls are kept', () => {
    fc.assert(
      fc.property(
        said.filter(({ inputs }) => inputs.length > 0),
        (one) => {
          const blocks = blocksOf(one, 0);
          const reader = anthropic.reader({ model: 'm', messages: [], tools });
          for (const event of eventsOfMessage(blocks)) reader.take(event);
          const { role, content, tool_calls: calls } = messageOfAnswer(blocks, true);
          const results = (calls as Fields[]).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'x' }));
          const messages = [{ role: 'user', content: 'x' }, { role, content, tool_calls: calls }, ...results];
          const { body } = anthropic.request(
            { model: 'm', messages, tools },
            { stream: false, kept: (id) => reader.kept.get(id) },
          );
          expect(faultOf(body)).toBeUndefined();
          expect((body['messages'] as Fields[])[1]?.['content']).toEqual(blocks);
        },
      ),
    );
  });
});
