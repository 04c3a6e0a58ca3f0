import { z } from 'zod';

/** The limits of a key by their names, and what each counts. */
const words = {
  requests_per_minute: 'Requests in a minute; null: no limit.',
  tokens_per_minute: 'Tokens in a minute; null: no limit.',
  parallel_requests: 'Requests at the same time; null: no limit.',
  uploads_per_day: 'Uploads in a day; null: no limit.',
  stored_bytes: 'Bytes of stored files together; null: no limit.',
};

const limit = z.number().int().min(0).nullable();
const whole = limit.default(null);
const given = limit.optional();

/** Limits of a key; null or absent: none. */
export const keyLimits = z
  .strictObject({
    requests_per_minute: whole.describe(words.requests_per_minute),
    tokens_per_minute: whole.describe(words.tokens_per_minute),
    parallel_requests: whole.describe(words.parallel_requests),
    uploads_per_day: whole.describe(words.uploads_per_day),
    stored_bytes: whole.describe(words.stored_bytes),
  })
  .describe('Limits of a key. An absent one is none.');

export type KeyLimits = z.infer<typeof keyLimits>;

/** The stored limits on uploads; undefined where there is none. */
export function uploadLimitsOf(stored: unknown): Pick<KeyLimits, 'uploads_per_day' | 'stored_bytes'> | undefined {
  const limits = keyLimits.safeParse(stored ?? {}).data;
  return limits === undefined || (limits.uploads_per_day === null && limits.stored_bytes === null) ? undefined : limits;
}

/** Limits as they are given: what is absent keeps its value or the preset's, null takes the limit away. */
export const limitsPatch = z
  .strictObject({
    requests_per_minute: given.describe(words.requests_per_minute),
    tokens_per_minute: given.describe(words.tokens_per_minute),
    parallel_requests: given.describe(words.parallel_requests),
    uploads_per_day: given.describe(words.uploads_per_day),
    stored_bytes: given.describe(words.stored_bytes),
  })
  .describe("Limits as they are given: an absent one keeps its value or the preset's.");

/** What counts of a published endpoint. */
const ofEndpoint = { requests_per_minute: true, tokens_per_minute: true, parallel_requests: true } as const;

/** Limits of a published endpoint, whoever calls it; null or absent: none. */
export const endpointLimits = keyLimits
  .pick(ofEndpoint)
  .describe('Limits of an endpoint, whoever calls it. An absent one is none.');

export type EndpointLimits = z.infer<typeof endpointLimits>;

/** The same as they are given: what is absent keeps its value, null takes the limit away. */
export const endpointLimitsPatch = limitsPatch
  .pick(ofEndpoint)
  .describe('Limits as they are given: an absent one keeps its value, null takes it away.');

export type LimitsPatch = z.infer<typeof limitsPatch>;
