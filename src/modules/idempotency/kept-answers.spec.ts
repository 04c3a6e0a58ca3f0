import { describe, expect, it } from '@jest/globals';
import { errorTable, type ErrorCode } from '../../kernel/error-codes.js';
import { isKept } from './kept-answers.js';

const codes = Object.keys(errorTable) as ErrorCode[];
const ours = (errorCode: ErrorCode) => isKept({ status: errorTable[errorCode].status, errorCode, isProviders: false });

describe('an answer under an Idempotency-Key', () => {
  it.each([200, 201, 204])('is kept when it is good (%s)', (status) => {
    expect(isKept({ status, errorCode: undefined, isProviders: false })).toBe(true);
  });

  it('is kept as an error only when work may have been done', () => {
    expect(codes.filter(ours)).toEqual(['internal_error', 'upstream_error', 'upstream_timeout']);
  });

  it.each([400, 404, 422])('is kept when a provider has refused the request (%s)', (status) => {
    expect(isKept({ status, errorCode: 'invalid_request', isProviders: true })).toBe(true);
  });

  it.each([401, 403, 408, 409, 413, 415, 429, 503])('is never kept with a status that may pass by itself (%s)', (status) => {
    for (const isProviders of [true, false]) expect(isKept({ status, errorCode: 'invalid_request', isProviders })).toBe(false);
  });
});
