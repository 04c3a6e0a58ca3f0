import { describe, expect, it } from '@jest/globals';
import { isMendable } from '../call/mendable.js';
import { failureError, providerError, retryAfterMs } from './provider-errors.js';

const names = {
  providerModel: 'accounts/acme/llama-9',
  publishedName: 'assistant',
  hidden: ['Be kind.', 'Never speak of the merger with the company of the seven lakes.'],
  secrets: ['blue-team-7731'],
};
const moved = { ...names, inputMoved: true };
const body = (error: object) => Buffer.from(JSON.stringify({ error }));

describe('a call for which the process had no place', () => {
  it('is to be made again, and no other model is tried in its place', () => {
    const error = failureError({ kind: 'busy', sent: false, cause: new Error('late') });
    expect([error.status, error.code, error.headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(isMendable(error)).toBe(false);
  });
});

describe("a provider's refusal", () => {
  it.each(['Bad message: "Be kind."', 'Too long: "Never speak of the merger with the compa..."'])(
    'is not told when it quotes instructions: %s',
    (said) => {
      expect(providerError(400, {}, body({ message: said }), names).message).toBe('The model provider refused the request.');
    },
  );

  it('tells no secret of the connection, neither in the sentence nor beside it', () => {
    const said = { message: 'Team blue-team-7731 may not.', code: 'blue-team-7731', param: 'x.blue-team-7731' };
    expect(providerError(400, {}, body(said), names).body().error).toEqual({
      message: 'Team [removed] may not.',
      type: 'invalid_request_error',
      param: 'x.[removed]',
      code: null,
    });
  });

  it.each([400, 413, 422])('%i passes code, param and the scrubbed sentence', (status) => {
    const error = providerError(
      status,
      {},
      body({ message: 'llama-9 at https://x.example', code: 'too_long', param: 'messages' }),
      names,
    );
    expect([error.status, error.body().error]).toEqual([
      status,
      { message: 'assistant at [removed]', type: 'invalid_request_error', param: 'messages', code: 'too_long' },
    ]);
  });

  it.each([
    ["Invalid value: 'input[12].content[0].text'.", "Invalid value: 'input'."],
    ['messages.7.content.0: bad type', 'messages: bad type'],
    ['messages.[7].content.[0]: bad type', 'messages: bad type'],
    ['Bad input[3]. More in messages.', 'Bad input. More in messages.'],
    ['Expected messages.role and input.', 'Expected messages.role and input.'],
  ])('tells no place of an input that was moved: %s', (said, told) => {
    const { param, message } = providerError(400, {}, body({ message: said, param: 'input[12].content' }), moved).body().error;
    expect([param, message]).toEqual(['input', told]);
    expect(providerError(400, {}, body({ message: said }), names).message).toBe(said);
  });

  it('tells such a place by the name that its list has in the request', () => {
    const members = [{ sent: 'messages', asked: 'input' }];
    const said = { message: "Invalid 'messages[3].content'.", param: 'messages[3].content' };
    const { param, message } = providerError(400, {}, body(said), { ...moved, members }).body().error;
    expect([param, message]).toEqual(['input', "Invalid 'input'."]);
  });

  it.each<[string, object, boolean, string | null, string]>([
    ['the place', { message: 'Bad.', param: 'input[2].encrypted_content' }, false, 'input[2].encrypted_content', ' of input[2]'],
    ['a sentence with the place', { message: 'Encrypted content of input[2] is invalid.' }, false, null, ' of input[2]'],
    ['a sentence with its own id', { message: 'The encrypted content for item rs_1 could not be verified.' }, false, null, ''],
    ['a place that was moved', { message: 'Bad.', param: 'input[2].encrypted_content' }, true, 'input', ''],
    ['a sentence with such a place', { message: 'Encrypted content of input[2] is invalid.' }, true, null, ''],
  ])('of what is sealed is told in words of the platform, with %s', (_what, said, isMoved, param, item) => {
    const error = providerError(400, {}, body(said), isMoved ? moved : names);
    const message = `The encrypted content${item} could not be verified. It was altered, or it is not for this model.`;
    expect(error.body().error).toEqual({ message, type: 'invalid_request_error', param, code: 'invalid_encrypted_content' });
  });

  it.each([401, 403, 404, 500, 502, 503, 302, 204])('%i is a 502 that shows nothing of it', (status) => {
    const error = providerError(status, {}, body({ message: 'secret words', code: 'secret_code', param: 'secret' }), names);
    expect(error.status).toBe(502);
    expect(JSON.stringify(error.body())).not.toContain('secret');
  });

  it('429 keeps how long to wait; its own spent quota is a 502', () => {
    const busy = providerError(429, { 'retry-after': '7' }, body({ message: 'slow', code: 'rate_limit_exceeded' }), names);
    expect([busy.status, busy.headers]).toEqual([429, { 'retry-after': '7', 'retry-after-ms': '7000' }]);
    expect(providerError(429, {}, body({ code: 'insufficient_quota' }), names).status).toBe(502);
    expect(providerError(429, {}, body({ type: 'insufficient_quota', code: null }), names).status).toBe(502);
  });

  it.each<[string, unknown]>([
    ['Gemini', [{ error: { code: 400, message: 'Unknown name at https://x.example for llama-9.', status: 'INVALID_ARGUMENT' } }]],
    ['FastAPI', { detail: [{ loc: ['body', 'n'], msg: 'Unknown name at https://x.example for llama-9.' }] }],
    ['Mistral', { object: 'error', message: { detail: [{ msg: 'Unknown name at https://x.example for llama-9.' }] } }],
    ['a list', { errors: [{ message: 'Unknown name at https://x.example for llama-9.' }] }],
    ['plain text', 'Unknown name at https://x.example for llama-9.'],
  ])('keeps its scrubbed sentence in the form of %s', (_form, said) => {
    const bytes = Buffer.from(typeof said === 'string' ? said : JSON.stringify(said));
    expect(providerError(422, {}, bytes, names).message).toBe('Unknown name at [removed] for assistant.');
  });

  it.each(['', 'no JSON', '[]', 'null', '"text"', '{"error":"just text"}', '{"detail":[{"loc":["body"]}]}', '{"error":null}'])(
    'whose body is %s is a 400 in the envelope all the same',
    (text) => {
      const error = providerError(400, {}, Buffer.from(text), names);
      expect([error.status, typeof error.body().error.message, error.body().error.code]).toEqual([400, 'string', null]);
    },
  );
});

describe('the time to wait', () => {
  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '2', 'retry-after-ms': '150' }, 150],
    [{ 'retry-after': '1e300' }, 86_400_000],
    [{ 'retry-after-ms': 'Infinity' }, 86_400_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{}, undefined],
  ])('of %j is %s ms', (headers, expected) => {
    expect(retryAfterMs(headers)).toBe(expected);
  });
});
