import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  expectNoFault,
  good,
  inputOf,
  isInputOptional,
  isModelOptional,
  post,
  postJson,
  routes,
  useBadInput,
} from '../support/bad-input.js';
import { expectError } from '../support/envelope.js';
import { jsonValue } from '../support/json-arbitraries.js';

useBadInput();

const nested = (levels: number, of = '1'): string => '['.repeat(levels) + of + ']'.repeat(levels);

/**
 * `npm run test:soak` sends all of this to each route; else to one of each way of reading a body, and of the many values of
 * a member and of the random bodies a third to each of them: every value of every member comes to at least one route.
 */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const read = ['/chat/completions', '/embeddings', '/responses', '/responses/input_tokens', '/moderations'];
const asked = isSoak ? routes : routes.filter((route) => read.includes(route));
const isInSample = (route: string, at: number): boolean => isSoak || at % 3 === asked.indexOf(route) % 3;
const numRuns = isSoak ? 150 : 50;

describe.each(asked)('a body of %s', (route) => {
  const text = JSON.stringify(good(route));

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['an open brace', '{'],
    ['a cut object', text.slice(0, -1)],
    ['an array', `[${text}]`],
    ['null', 'null'],
    ['a string', '"model"'],
    ['a number', '1'],
    ['no JSON', 'model=assistant'],
    ['a trailing comma', `${text.slice(0, -1)},}`],
    ['something behind', `${text}{}`],
    ['single quotes', text.replaceAll('"', "'")],
    ['a comment', `/* */${text}`],
    ['NaN', `${text.slice(0, -1)},"temperature":NaN}`],
    ['a leading zero', `${text.slice(0, -1)},"n":01}`],
    ['a byte order mark within', `{\ufeff${text.slice(1)}`],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    ],
    [
      'an overlong slash',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    [
      'a lone surrogate in UTF-8',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['a NUL byte', `${text.slice(0, -1)},"user":"a\u0000b"}`],
    ['a NUL byte behind', `${text}\u0000`],
    ['__proto__', `${text.slice(0, -1)},"__proto__":{"polluted":true}}`],
    ['an escaped __proto__', `${text.slice(0, -1)},"\\u005f_proto__":{"polluted":true}}`],
    ['300 levels', `${text.slice(0, -1)},"metadata":${nested(300)}}`],
    ['30,000 levels', `${text.slice(0, -1)},"metadata":${nested(30_000)}}`],
    ['30,000 open brackets', '['.repeat(30_000)],
    ['30,000 objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
    ['3,000 members', `{${Array.from({ length: 3000 }, (_, at) => `"m${at}":1`).join()}}`],
  ])('that is or holds %s is refused with 400', async (_name, body) => {
    expectError(await post(route, body), { status: 400, type: 'invalid_request_error' });
    expect({}).not.toHaveProperty('polluted');
  });

  const withoutModel: [string, unknown, string][] = [
    ['model', null, 'missing_required_parameter'],
    ['model', undefined, 'missing_required_parameter'],
  ];
  const withoutInput: [string, unknown, string][] = [[inputOf(route), undefined, 'missing_required_parameter']];

  it.each<[string, unknown, string]>([
    ['model', 1, 'invalid_value'],
    ['model', [], 'invalid_value'],
    ['model', {}, 'invalid_value'],
    ['model', true, 'invalid_value'],
    ['model', '', 'missing_required_parameter'],
    ...(isModelOptional(route) ? [] : withoutModel),
    ...(isInputOptional(route) ? [] : withoutInput),
    [inputOf(route), 1, 'invalid_value'],
    [inputOf(route), true, 'invalid_value'],
    [inputOf(route), {}, 'invalid_value'],
  ])('with %s: %j is refused with 400 and names it', async (param, value, code) => {
    expectError(await postJson(route, good(route, { [param]: value })), {
      status: 400,
      type: 'invalid_request_error',
      code,
      param,
    });
  });

  it.each(['nobody', '\u0000', '../assistant', 'ASSISTANT', 'assistant ', 'x'.repeat(5000), '{"a":1}', '\ud800', '😀'])(
    'with the model %j is refused with 404',
    async (model) => {
      expectError(await postJson(route, good(route, { model })), {
        status: 404,
        type: 'invalid_request_error',
        code: 'model_not_found',
        param: 'model',
      });
    },
  );

  const values: readonly unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    9007199254740993,
    '',
    'x',
    '-1',
    [],
    {},
    [null],
    [[]],
    [{}],
    { a: 1 },
    { toString: 1 },
    { constructor: { prototype: { polluted: true } } },
  ];
  it.each([
    'stream',
    'stream_options',
    'n',
    'messages',
    'prompt',
    'input',
    'temperature',
    'top_p',
    'max_tokens',
    'max_completion_tokens',
    'stop',
    'tools',
    'tool_choice',
    'response_format',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'seed',
    'user',
    'metadata',
    'store',
    'parallel_tool_calls',
    'encoding_format',
    'dimensions',
    'best_of',
    'echo',
    'suffix',
    'modalities',
    'audio',
    'service_tier',
    'constructor',
    'toString',
    'container',
    'conversation',
    'file_ids',
    'previous_response_id',
    'vector_store_ids',
  ])('never ends in a fault of the server, whatever %s is', async (name) => {
    for (const value of values.filter((_value, at) => isInSample(route, at))) {
      expectNoFault(await postJson(route, good(route, { [name]: value })));
      if (name !== 'stream') expectNoFault(await postJson(route, good(route, { stream: true, [name]: value })));
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(['1e400', '-1e400', '1e-400', '123456789012345678901234567890', '0.1e+5', '-0'])(
    'with the number %s is answered or refused, never a fault',
    async (number) => {
      for (const name of ['n', 'temperature', 'max_tokens', 'seed', 'dimensions'])
        expectNoFault(await post(route, `${text.slice(0, -1)},"${name}":${number}}`));
    },
  );

  it('may nest below the top level as deep as it is allowed to, and is judged by the provider there', async () => {
    for (const levels of [100, 200, 250]) {
      expectNoFault(await post(route, `${text.slice(0, -1)},"metadata":${nested(levels)}}`));
      expectNoFault(await post(route, `${text.slice(0, -1)},"stream":true,"stream_options":{"a":${nested(levels)}}}`));
      expectNoFault(await post(route, `{"model":"assistant","${inputOf(route)}":[${nested(levels)}]}`));
      expectNoFault(await post(route, `${text.slice(0, -1)},"x":{"file_id":1},"metadata":${nested(levels)}}`));
    }
  });

  it('that is broken inside a nested value is refused with a 4xx', async () => {
    for (const value of ['[1,]', '{"a"}', '{"a":tru}', '["\\x"]', '[1 2]', '{"a":1,,}', '["\u0001"]']) {
      const reply = await post(route, `${text.slice(0, -1)},"metadata":${value}}`);
      expectError(reply, { status: reply.status });
      expect(reply.status).toBe(400);
    }
  });

  it('with a raw control character in a text is refused, but may be broken into lines and begin with a byte order mark', async () => {
    for (const raw of ['\n', '\t', '\u0000', '\u001f']) {
      const reply = await post(route, `${text.slice(0, -1)},"user":"before${raw}after"}`);
      expectError(reply, { status: 400, type: 'invalid_request_error', code: 'invalid_request' });
    }
    const { status } = await post(route, `\ufeff${JSON.stringify(good(route), null, '\t')}`);
    expect(status).toBe(200);
  });

  it('may be any bytes at all: never a fault, a hang or a crash', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
      fc.string({ unit: 'binary', maxLength: 200 }).map((value) => Buffer.from(value)),
      fc
        .tuple(fc.nat(text.length), fc.uint8Array({ maxLength: 4 }))
        .map(([at, some]) => Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(some), Buffer.from(text.slice(at))])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => expectNoFault(await post(route, body))),
      { numRuns },
    );
  });

  it('may hold any JSON under the known names: never a fault', async () => {
    const names = [
      'model',
      'messages',
      'prompt',
      'input',
      'stream',
      'stream_options',
      'n',
      'tools',
      'metadata',
      'container',
      'encoding_format',
      'response_format',
    ];
    const some = fc.dictionary(fc.constantFrom(...names), jsonValue, { maxKeys: 5, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(some, async (more) => expectNoFault(await postJson(route, good(route, more)))),
      { numRuns },
    );
  });
});

describe('messages', () => {
  it.each([
    [[null], 'messages[0]'],
    [['hi'], 'messages[0]'],
    [[{ role: 'user', content: 'hi' }, [{ role: 'user' }]], 'messages[1]'],
    [[{ content: 'hi' }], 'messages[0].role'],
    [[{ role: 'user', content: 'hi' }, { role: 7 }], 'messages[1].role'],
  ])('%j are refused, and the place is named', async (messages, param) => {
    const reply = await postJson('/chat/completions', good('/chat/completions', { messages }));
    expectError(reply, { status: 400, type: 'invalid_request_error', code: 'invalid_value', param });
  });
});
