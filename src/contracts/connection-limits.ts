import { z } from 'zod';

const breakerFields = {
  failures: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .describe('After so many failures in a row the provider is not asked any more; by default 10.'),
  rest_seconds: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .describe('How long it is not asked, in seconds; then one call tries whether it works again. By default 15.'),
};

const words = {
  limits:
    'How many calls a connection has at once, and when a provider that fails is left alone. Each process counts for itself.',
  max_parallel: 'The most calls that are under way at once in one process; null: as many as come.',
  breaker: 'When a provider that fails is left alone for a while; null: never.',
};

const maxParallel = z.number().int().min(1).max(10_000).nullable().describe(words.max_parallel);

/** The same as it is given: what is left out stays as it is, or has its default. */
export const givenLimits = z
  .strictObject({
    max_parallel: maxParallel,
    breaker: z.strictObject(breakerFields).partial().nullable().describe(words.breaker),
  })
  .partial()
  .describe(words.limits);

export type GivenLimits = z.infer<typeof givenLimits>;

const breaker = z.object({
  failures: breakerFields.failures.default(10),
  rest_seconds: breakerFields.rest_seconds.default(15),
});

/** The limits of a connection, as they are stored and shown. */
export const connectionLimits = z
  .object({
    max_parallel: maxParallel.default(null),
    breaker: breaker
      .nullable()
      .default(() => breaker.parse({}))
      .describe(words.breaker),
  })
  .describe(words.limits);

export type ConnectionLimits = z.infer<typeof connectionLimits>;

/** How a connection fares: in all processes, in the last five minutes. */
export const connectionHealth = z
  .object({
    state: z
      .enum(['closed', 'half_open', 'open'])
      .describe('The worst of its breakers: closed lets all calls through, half_open one that tries, open none.'),
    retry_at: z
      .number()
      .int()
      .nullable()
      .describe('When an open breaker lets a call try, in Unix seconds; null when none is open.'),
    calls: z.number().int().describe('Calls that ended in the last five minutes.'),
    failures: z.number().int().describe('Those of them that failed at the provider.'),
    last_failure: z
      .object({
        code: z
          .string()
          .describe('unreachable, timeout, broken, wrong_answer, sign_in, or status_ and the status of the answer.'),
        at: z.number().int().describe('When it was, in Unix seconds.'),
      })
      .nullable()
      .describe('The latest of these failures; null when there was none.'),
  })
  .describe('How the connection fares, a few seconds ago.');

/** The limits after a change. A breaker that was off has its defaults again where a change says nothing else. */
export function changedLimits(before: ConnectionLimits, given: GivenLimits = {}): ConnectionLimits {
  const breaker = given.breaker == null ? given.breaker : { ...before.breaker, ...given.breaker };
  return connectionLimits.parse({ ...before, ...given, ...(breaker === undefined ? {} : { breaker }) });
}
