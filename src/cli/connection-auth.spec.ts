import { describe, expect, it } from '@jest/globals';
import { authText } from './connection-auth.js';

const token = { mode: 'header_token', header: 'authorization', prefix: 'Bearer', secret_set: true, tokens: 1 };
const login = { mode: 'oauth', grant: 'device_code', client_id: 'c', login: { state: 'in', failure: null } };

describe('how a connection shows itself to its provider, in a list', () => {
  it.each([
    [{ mode: 'none' }, 'none'],
    [token, 'token'],
    [{ ...token, tokens: 3 }, 'token, 3 keys'],
    [{ ...token, secret_set: false, tokens: 0 }, 'no token'],
    [login, 'login: in'],
    [{ ...login, login: { state: 'out' } }, 'login: out'],
    [{ ...login, login: { state: 'lost' } }, 'login: lost'],
    [undefined, '-'],
  ])('%j is said as "%s"', (shown, text) => {
    expect(authText(shown)).toBe(text);
  });
});
