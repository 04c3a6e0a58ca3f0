import { z } from 'zod';

/** For how long a secret that is replaced lives on beside the new one, in seconds, at most 30 days; 0: not at all. */
export function overlapSeconds(usual: number) {
  return z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400)
    .describe('For how long the former secret works beside the new one, in seconds, at most 30 days; 0: not at all.')
    .default(usual);
}
