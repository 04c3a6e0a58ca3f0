import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../kernel/app-error.js';
import { errorTable, type ErrorCode } from '../../../kernel/error-codes.js';
import { isOwn, ownError } from './whose-reply.js';
import type { Reply } from './http-call.js';

const replyOf = (status: number, text: string, headers = {}): Reply => ({
  ...{ status, text, headers },
  ...{ headMs: 0, firstByteMs: null, lastByteMs: 0, isWhole: true },
});

describe('whose an answer is', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])('%s is known by its body alone', (code) => {
    const error = new AppError(code);
    expect(ownError(replyOf(error.status, JSON.stringify(error.body())))?.row).toBe(code);
  });

  it.each([
    ['a page', 403, '<html>Forbidden</html>'],
    ['JSON of a gateway', 401, '{"message":"Unauthorized"}'],
    ['an error of another API', 401, '{"error":{"message":"no","type":"auth","param":null,"code":"invalid_api_key"}}'],
    ['our error under another status', 502, JSON.stringify(new AppError('invalid_api_key').body())],
  ])('%s is of somebody else', (_what, status, text) => {
    expect(isOwn(replyOf(status, text))).toBe(false);
  });

  it('what a provider says of a bad request is known by our request id', () => {
    const text = '{"error":{"message":"no","type":"invalid_request_error","param":null,"code":"made_up"}}';
    expect(ownError(replyOf(400, text))).toBeUndefined();
    expect(ownError(replyOf(400, text, { 'x-gt-request-id': 'req_1' }))?.row).toBe('invalid_request');
  });
});
