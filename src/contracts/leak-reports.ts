import { z } from 'zod';

/** So many finds one report may hold. */
const mostFinds = 1_000;

/** A report of found secrets, in the form of GitHub's secret-scanning partner programme. Members of its future are ignored. */
export const leakReport = z
  .array(
    z.object({
      token: z.string().min(1).max(1_000).describe('The secret that was found.'),
      type: z.string().max(200).default('').describe('The name that the reporter gives to its form.'),
      url: z.string().max(4_000).nullish().describe('Where it was found.'),
      source: z.string().max(200).nullish().describe('In what it was found.'),
    }),
  )
  .max(mostFinds)
  .describe('Secrets that were found somewhere public.');

export type LeakReport = z.infer<typeof leakReport>;

/** What became of each find. */
export const leakReportAnswer = z
  .array(
    z.object({
      token_hash: z.string().describe('SHA-256 of the secret, in base64.'),
      token_type: z.string().describe('The type that the report gave.'),
      label: z
        .enum(['true_positive', 'false_positive'])
        .describe('`true_positive`: it was a secret of this platform, and is good no more.'),
    }),
  )
  .describe('What became of each find, in the order of the report.');

export type LeakReportAnswer = z.infer<typeof leakReportAnswer>;
