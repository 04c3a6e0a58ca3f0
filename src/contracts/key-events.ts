import { z } from 'zod';
import { keyStates } from './keys.js';

/** What webhooks are told of a key. No secret is in it. */
export const keyEventObject = z
  .object({
    object: z.literal('key_event'),
    id: z.string().describe('The id of the key.'),
    name: z.string(),
    state: z.enum(keyStates),
    expires_at: z.number().int().nullable().describe('When it ends, in Unix seconds; null: it does not end by itself.'),
    days_left: z.number().int().nullable().describe('Of `key.expiring`: within how many days it ends.'),
    leak: z
      .object({
        last_four: z.string().describe('The last four characters of the secret that was found.'),
        url: z.string().nullable().describe('Where it was found, as far as the reporter says.'),
        source: z.string().nullable().describe('In what it was found, in the words of the reporter.'),
      })
      .nullable()
      .describe('Of `key.leaked`: what was found.'),
  })
  .meta({ id: 'KeyEvent', description: 'What has happened to a key, without any secret.' });

export type KeyEventObject = z.infer<typeof keyEventObject>;
