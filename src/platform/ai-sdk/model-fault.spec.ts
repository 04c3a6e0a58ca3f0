import { describe, expect, it } from '@jest/globals';
import { EgressError } from '../upstream/json-call.js';
import { faultOf, UnreadableReply, UnsayableRequest } from './model-fault.js';

/** An error as packages throw them: it holds the whole request. */
function packageError(name: string, members: object = {}): Error {
  const error = new Error('The provider says why.');
  return Object.assign(error, {
    name,
    requestBodyValues: { messages: ['secret prompt'] },
    url: 'https://host.example',
    ...members,
  });
}

describe('what a package has thrown', () => {
  it('is a refusal with the status, the sentence and the time to wait that the provider has told', () => {
    const responseHeaders = { 'retry-after': '7', 'set-cookie': 'a', 'x-request-id': 'b' };
    const data = { error: { message: 'other', type: 'tokens', param: 'messages', code: 'insufficient_quota' } };
    const error = packageError('AI_APICallError', { statusCode: 429, responseHeaders, data });
    expect(faultOf(error, true)).toEqual({
      refusal: {
        status: 429,
        headers: { 'retry-after': '7' },
        error: { message: 'The provider says why.', type: 'tokens', param: 'messages', code: 'insufficient_quota' },
      },
    });
  });

  it('is the failure of the call, however deep it lies', () => {
    const cause = new Error('the socket');
    const egress = new EgressError('timeout_idle', true, cause);
    const wrapped = packageError('AI_APICallError', { statusCode: 200, cause: Object.assign(new Error('x'), { cause: egress }) });
    expect(faultOf(wrapped, true)).toEqual({ failure: { kind: 'timeout_idle', sent: true, cause } });
    expect(faultOf(new EgressError('refused', false, cause), false)).toEqual({
      failure: { kind: 'refused', sent: false, cause },
    });
  });

  it('is a refusal of our own where the package does not take the request', () => {
    expect(faultOf(packageError('AI_UnsupportedFunctionalityError'), true)).toMatchObject({
      refusal: { status: 400, error: { code: 'unsupported_parameter', param: null } },
    });
    expect(faultOf(new UnsayableRequest('No.', 'messages[0]'), true)).toMatchObject({
      refusal: { status: 400, error: { message: 'No.', code: 'unsupported_parameter', param: 'messages[0]' } },
    });
  });

  it.each([
    packageError('AI_APICallError', { statusCode: 200 }),
    packageError('AI_TypeValidationError'),
    packageError('TypeError'),
    'a text with the secret prompt',
    undefined,
  ])('is a failure that holds nothing of the request: %s', (error) => {
    const fault = faultOf(error, true);
    expect(fault).toMatchObject({ failure: { kind: 'broken', sent: true } });
    const { cause } = (fault as { failure: { cause: Error } }).failure;
    expect(`${cause.message} ${JSON.stringify(cause)}`).not.toMatch(/secret|says why|host\.example/);
  });

  it('tells what of a reply cannot be read', () => {
    const unreadable = new UnreadableReply('too many values');
    expect(faultOf(packageError('AI_APICallError', { statusCode: 200, cause: unreadable }), true)).toEqual({
      failure: { kind: 'broken', sent: true, cause: unreadable },
    });
  });
});
