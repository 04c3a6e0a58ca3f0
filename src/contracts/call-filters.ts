import { z } from 'zod';

/** What narrows a list of calls, both of the usage and of the request log. `key` is the key's id. */
export const callFilters = {
  key: z
    .string()
    .max(128)
    .startsWith('key_', { error: 'must be the id of a key, which begins with key_: "gt key list" shows it' })
    .optional()
    .describe('Only calls of the key with this id.'),
  endpoint: z.string().min(1).max(128).optional().describe('Only calls of this published name.'),
  route: z.string().min(1).max(128).optional().describe('Only calls of this route.'),
};
