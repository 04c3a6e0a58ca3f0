import { z } from 'zod';
import { headerName } from './header-fields.js';

/** A header that carries what a token of the login says of itself. */
const claimHeader = z.strictObject({
  header: headerName.describe('The name of the header.'),
  token: z.enum(['id_token', 'access_token']).default('access_token').describe('The token that is read: a JWT.'),
  path: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(8)
    .describe('The names of the members that lead to the claim, from outside to inside.'),
});

const fields = {
  instructions: z
    .string()
    .min(1)
    .max(32_768)
    .refine((text) => text.trim() !== '', 'must not be blank')
    .nullable()
    .describe('What stands in for instructions that are missing or blank, where the provider demands some; null: nothing.'),
  no_length: z
    .boolean()
    .describe('The provider refuses to be told how long the answer may be: max_tokens and its like are dropped.'),
  stream_only: z.boolean().describe('The provider only streams: a plain reply is put together from the events of a stream.'),
  no_store: z.boolean().describe('The provider demands store: false.'),
  claim_headers: z.array(claimHeader).max(8).describe("Headers that carry a claim of the login's tokens."),
  models: z
    .array(z.string().min(1).max(256))
    .max(1000)
    .nullable()
    .describe('The models of a provider that has no list of them; null: it is asked.'),
};

const words = 'What the provider wants beyond its wire.';

/** The same as it is given: what is left out stays as it is, or has its default. */
export const givenHabits = z.strictObject(fields).partial().describe(words);

/** The habits of a connection, as they are stored and shown. */
export const connectionHabits = z
  .object({
    instructions: fields.instructions.default(null),
    no_length: fields.no_length.default(false),
    stream_only: fields.stream_only.default(false),
    no_store: fields.no_store.default(false),
    claim_headers: fields.claim_headers.default([]),
    models: fields.models.default(null),
  })
  .describe(words);

export type ConnectionHabits = z.infer<typeof connectionHabits>;
