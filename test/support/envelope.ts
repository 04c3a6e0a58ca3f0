import { expect } from '@jest/globals';
import type { RawReply } from './raw-http.js';

/** What an error answer is held against; members that are left out may be anything of their type. */
export interface ExpectedError {
  readonly status: number;
  readonly type?: string;
  readonly code?: string | null;
  readonly param?: string | null;
  readonly message?: string | RegExp;
}

/** OpenAI's form, all four members and nothing else, with the headers that every reply has (contract sections 5 and 6). */
export function expectError(reply: Pick<RawReply, 'status' | 'headers' | 'json' | 'text'>, expected: ExpectedError): void {
  const { error } = (reply.json ?? {}) as { error?: Record<string, unknown> };
  expect({
    status: reply.status,
    text: reply.text,
    members: Object.keys(error ?? {}).sort(),
    alone: Object.keys((reply.json as object | undefined) ?? {}),
  }).toEqual({
    status: expected.status,
    text: reply.text,
    members: ['code', 'message', 'param', 'type'],
    alone: ['error'],
  });
  expect(error).toEqual({
    message:
      expected.message === undefined
        ? expect.stringMatching(/\S/)
        : typeof expected.message === 'string'
          ? expected.message
          : expect.stringMatching(expected.message),
    type: expected.type ?? expect.any(String),
    param: expected.param === undefined ? error?.['param'] : expected.param,
    code: expected.code === undefined ? error?.['code'] : expected.code,
  });
  for (const nullable of [error?.['param'], error?.['code']])
    expect(nullable === null || typeof nullable === 'string').toBe(true);
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(reply.headers['www-authenticate']).toBe(expected.status === 401 ? 'Bearer' : undefined);
  expectIds(reply.headers);
}

/** Both request ids: ours, and beside it the caller's or ours again. */
export function expectIds(headers: Readonly<Record<string, string>>, callers?: string): void {
  expect(headers['x-gt-request-id']).toMatch(/^req_[0-9A-Za-z]{24}$/);
  expect(headers['x-request-id']).toBe(callers ?? headers['x-gt-request-id']);
}
