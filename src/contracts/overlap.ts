import { z } from 'zod';

/** How long a replaced secret stays valid alongside the new one, in seconds: at most 30 days, 0 for not at all. */
export function overlapSeconds(usual: number) {
  return z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400)
    .describe('How long the former secret stays valid alongside the new one, in seconds: at most 30 days, 0 for not at all.')
    .default(usual);
}
