import { describe, expect, it } from '@jest/globals';
import { geminiRefusalStatus } from './refusal-status.js';

const refusal = (reason: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }],
      },
    }),
  );

describe('a refusal of Gemini', () => {
  it('for a wrong key is one of the sign-in', () => expect(geminiRefusalStatus(400, refusal('API_KEY_INVALID'))).toBe(401));

  it.each([
    [400, refusal('SOMETHING_ELSE')],
    [400, Buffer.from('API_KEY_INVALID')],
    [429, refusal('API_KEY_INVALID')],
  ])('of status %d keeps its status otherwise', (status, body) => {
    expect(geminiRefusalStatus(status, body)).toBe(status);
  });
});
