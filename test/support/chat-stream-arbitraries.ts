import fc from 'fast-check';
import { choices as draws, printSpaced, trickyText } from './json-arbitraries.js';

const choice = fc.record(
  {
    index: fc.constantFrom(0, 0, 1),
    delta: fc.record(
      { content: trickyText, role: fc.constantFrom('model', 'assistant'), model: fc.constant('provider-x') },
      { requiredKeys: [] },
    ),
    finish_reason: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(null, null, null, '', 'stop', 'length') },
      { weight: 1, arbitrary: fc.constant('error') },
    ),
    error: fc.oneof(
      { weight: 40, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(null, '', { message: 'boom' }) },
    ),
  },
  { requiredKeys: [] },
);
const rarely = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const chunkObject = fc
  .record({
    id: fc.constant('chatcmpl-1'),
    object: fc.oneof(
      { weight: 30, arbitrary: fc.constant('chat.completion.chunk') },
      { weight: 1, arbitrary: fc.constant('error') },
    ),
    model: fc.oneof(
      { weight: 8, arbitrary: fc.constant<unknown>('provider-x') },
      fc.constantFrom<unknown>('other', 'assistant', '', 'a"b', null, undefined, 7),
    ),
    choices: fc.oneof({ weight: 8, arbitrary: fc.array<unknown>(choice, { maxLength: 2 }) }, fc.constant(undefined)),
    usage: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<unknown>(undefined, null) },
      fc.constantFrom<unknown>({ prompt_tokens: 3, completion_tokens: 4 }, {}, { x: '{"usage":{' }),
    ),
    error: rarely(fc.constantFrom<unknown>(null, '', { message: 'boom' }, 'boom')),
    extra: rarely(
      fc.constantFrom<unknown>(
        { model: 'provider-x', error: 1, usage: { prompt_tokens: 9 } },
        'model',
        'error',
        'usage',
        '"model":"provider-x"',
      ),
    ),
  })
  .chain((object) => fc.boolean().map((reverse) => (reverse ? Object.fromEntries(Object.entries(object).reverse()) : object)));

const lineEnd = fc.constantFrom('\n', '\n', '\n', '\n', '\r\n', '\r');
const eventBlock = fc
  .tuple(
    chunkObject,
    fc.oneof({ weight: 3, arbitrary: fc.constant([0]) }, draws),
    fc.constantFrom('data: ', 'data: ', 'data:', 'data:  '),
  )
  .map(([object, blanks, start]) =>
    printSpaced(JSON.parse(JSON.stringify(object)), blanks)
      .split(/\r\n|\n/)
      .map((line) => start + line),
  );
const otherBlock = fc.constantFrom(
  [': ping'],
  ['data:'],
  ['data: '],
  ['event: ping'],
  ['id: 7', 'retry: 100'],
  ['data: hello'],
  ['data: [1]'],
  ['data'],
  [''],
  ['event: error', 'data: {"message":"boom"}'],
  ['data: {"model":"provider-x","choices":[{'],
  ['data: {"model":"provider-x"}}'],
  ['data: [DONE]'],
);
const block = fc
  .tuple(
    fc.oneof({ weight: 8, arbitrary: eventBlock }, { weight: 1, arbitrary: otherBlock }),
    fc.constantFrom<string[]>([], [], [], [], [': ping'], ['id: 1'], ['event: message']),
    fc.array(lineEnd, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([lines, before, ends, mixed]) =>
    [...before, ...lines, ''].map((line, index) => line + (mixed ? (ends[index % ends.length] ?? '\n') : '\n')).join(''),
  );
/** Streams of chat chunks as providers send them and as they may not: odd line ends, other events, errors, cut off. */
export const chatStream = fc
  .tuple(fc.constantFrom('', '', '', '\ufeff'), fc.array(block, { maxLength: 10 }), fc.nat(12))
  .map(([start, blocks, cutOff]) => {
    const text = start + blocks.join('');
    return cutOff > 8 ? text.slice(0, text.length - cutOff) : text;
  })

  // As bytes can carry it: a lone half of a surrogate pair cannot.
  .map((text) => Buffer.from(text).toString());
