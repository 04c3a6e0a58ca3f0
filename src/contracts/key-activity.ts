import { z } from 'zod';
import { listKeysQuery } from './keys.js';

const count = z.number().int().min(0);

export const keyActivityQuery = listKeysQuery
  .extend({
    hours: z.coerce
      .number()
      .int()
      .min(1)
      .max(168)
      .default(24)
      .describe('How many hours in UTC are told, the one that is running among them.'),
  })
  .describe('Whose calls are counted, and for how long.');

/** How busy one key was. */
export const keyActivityObject = z
  .object({
    object: z.literal('key_activity'),
    id: z.string().describe('The id of the key.'),
    name: z.string(),
    since: count.describe('The first moment of the first hour, in Unix seconds.'),
    calls: count.describe('All of them together.'),
    hours: z.array(count).describe('How many of its calls reached a provider in each hour, the running one last.'),
  })
  .meta({ id: 'KeyActivity', description: 'How many calls a key made in each of the last hours.' });

export type KeyActivityObject = z.infer<typeof keyActivityObject>;
