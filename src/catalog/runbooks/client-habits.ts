import { z } from 'zod';

/**
 * How a client makes an address of what it is configured with and a route's path, such as `/chat/completions`.
 * - `append`: puts the path behind it, with one slash between.
 * - `append_v1`: puts `/v1` and the path behind it.
 * - `add_v1_if_missing`: puts `/v1` behind it unless it ends so, then the path.
 * - `resolve`: resolves the path without its slash as a browser resolves a link, so the last segment goes unless a slash ends it.
 * - `as_is`: calls what is configured, which is the address of one route.
 * - `host_and_path`: has a host and a path to one route in two settings.
 */
export const joins = ['append', 'append_v1', 'add_v1_if_missing', 'resolve', 'as_is', 'host_and_path'] as const;

export type Join = (typeof joins)[number];

/** How a client calls the platform: what a stand-in for it does. */
export const clientHabits = z.strictObject({
  joins: z.enum(joins),
  auth: z
    .strictObject({ header: z.string(), value: z.string().includes('{{api_key}}') })
    .default({ header: 'Authorization', value: 'Bearer {{api_key}}' }),
  /** Further headers of every call. */
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string()).default({}),
  chat: z
    .strictObject({
      /** The member with which it bounds an answer. */
      limit: z.enum(['max_tokens', 'max_completion_tokens', 'none']).default('none'),
      /** Members that it adds to the body of each chat. */
      adds: z.record(z.string(), z.json()).default({}),
    })
    .prefault({}),
  embeddings: z
    .strictObject({
      input: z.enum(['texts', 'token_ids']).default('texts'),
      encoding: z.enum(['float', 'base64', 'none']).default('none'),
    })
    .prefault({}),
  streaming: z
    .strictObject({
      use: z.enum(['always', 'optional', 'never']).default('optional'),
      /** It asks for a last chunk with usage (`stream_options.include_usage`). */
      asksUsage: z.boolean().default(false),
    })
    .prefault({}),
  /** Whether it sends tools: always, in some of its uses, never. */
  tools: z.enum(['always', 'optional', 'never']).default('optional'),
  retry: z
    .strictObject({
      /** Tries after the first. */
      times: z.int().min(0).max(10).default(0),
      statuses: z.array(z.int().min(400).max(599)).default([]),
      /** Headers whose wait it keeps, the one that counts first in front. */
      waitsFor: z.array(z.enum(['retry-after-ms', 'retry-after'])).default([]),
    })
    .prefault({}),
  timeoutSeconds: z.int().min(1).default(600),
  /** The real client, where it is a package of npm that a test can run; the first one is what the program imports or starts. */
  npm: z.array(z.string()).default([]),
});

export type ClientHabits = z.output<typeof clientHabits>;
export type ClientHabitsData = z.input<typeof clientHabits>;
