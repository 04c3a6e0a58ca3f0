import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../kernel/app-error.js';
import { DatabaseAwayError, orDatabaseAway } from './database-away.js';

const thrown = (error: unknown): Promise<unknown> =>
  orDatabaseAway(() => Promise.reject(error as Error)).catch((reason: unknown) => reason);

describe('a database that is away', () => {
  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ["Prisma's code", Object.assign(new Error('closed'), { code: 'P1017' })],
    ["pg's text", new Error('Connection terminated unexpectedly')],
    ["the adapter's kind", new Error('ConnectionClosed', { cause: { kind: 'ConnectionClosed' } })],
    [
      "Postgres's code within an error of Prisma's",
      Object.assign(new Error('raw'), {
        code: 'P2010',
        meta: { driverAdapterError: { cause: { kind: 'postgres', originalCode: '57P03' } } },
      }),
    ],
  ])('is answered 503 with a time to come again: %s', async (_how, error) => {
    const away = await thrown(error);
    expect(away).toBeInstanceOf(DatabaseAwayError);
    expect(away).toMatchObject({ status: 503, code: 'overloaded', headers: { 'retry-after': '1' }, cause: error });
  });

  it.each([
    ['a unique violation', Object.assign(new Error('taken'), { code: 'P2002' })],
    ['what a service throws on purpose', new AppError('not_found')],
    ['a fault of the code', new TypeError('x is not a function')],
    ['what is no error', 'odd'],
  ])('is not seen in %s', async (_how, error) => {
    expect(await thrown(error)).toBe(error);
  });
});
