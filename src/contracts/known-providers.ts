import { z } from 'zod';
import { connectionPaths } from './connection-paths.js';
import { providerIds } from './providers.js';
import { connectionWires } from './wires.js';

/** How a known provider is shown. */
export const providerObject = z
  .object({
    object: z.literal('provider'),
    id: z.enum(providerIds).describe('What a new connection says as its provider.'),
    title: z.string().describe('Its name for people.'),
    base_url: z.string().nullable().describe('Its address; null: the connection must say it.'),
    base_url_example: z
      .string()
      .nullable()
      .describe("Where the connection must say it, what it looks like: capitals are the customer's."),
    wire: z.enum(connectionWires),
    auth: z.object({ mode: z.enum(['header_token', 'none']), header: z.string().optional(), prefix: z.string().optional() }),
    paths: connectionPaths,
    remark: z.string().describe('What to know of it before it is used.'),
  })
  .describe('A provider that a new connection can name.');

export type ProviderObject = z.infer<typeof providerObject>;
