import { z } from 'zod';

/** A prompt policy (contract section 6): instructions on top of the agent's, and guardrails on the input. */
export const promptPolicy = z
  .strictObject({
    instructions: z.string().max(50_000).optional().describe("Instructions that are sent in addition to the agent's."),
    guardrails: z
      .array(
        z.discriminatedUnion('module', [
          z.strictObject({
            module: z.literal('blocked_terms').describe('Refuses inputs that hold one of the terms.'),
            terms: z.array(z.string().min(1).max(200)).min(1).max(1000).describe('Terms that an input may not hold.'),
          }),
          z.strictObject({
            module: z.literal('pii').describe('Looks for personal data.'),
            action: z.enum(['mask', 'block']).describe('Whether personal data is masked, or the call refused.'),
          }),
          z.strictObject({ module: z.literal('moderation').describe('Refuses inputs that moderation flags.') }),
          z.strictObject({
            module: z.literal('max_input_tokens').describe('Refuses long inputs.'),
            tokens: z.number().int().min(1).describe('The most tokens that an input may have.'),
          }),
        ]),
      )
      .max(16)
      .optional()
      .describe('Checks of the input. They are stored and not enforced yet.'),
  })
  .describe("Instructions on top of the agent's, and checks of the input.");

export type PromptPolicy = z.infer<typeof promptPolicy>;
