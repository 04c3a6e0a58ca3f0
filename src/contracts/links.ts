import { z } from 'zod';

/** A one-time link as a person pastes it: all of it, or the token behind its #. It is read as the token. */
export const pastedLink = z
  .string()
  .min(1)
  .max(2_000)
  .transform((text) => text.trim().replace(/^.*#/s, ''))
  .describe('The link, or the token behind its #.');
