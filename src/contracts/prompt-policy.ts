import { z } from 'zod';
import { measurePattern } from '../kernel/linear-pattern.js';

/** Personal data that the module `pii` finds. */
export const personalDataKinds = ['email', 'phone', 'iban', 'card'] as const;

export type PersonalDataKind = (typeof personalDataKinds)[number];

/** All patterns of a policy: they are looked for together. */
const mostPatterns = 16;
const mostPatternInstructions = 512;

/** A form of personal data that a tenant has for itself, such as the numbers of its employees. */
const dataPattern = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Z0-9_]{1,32}$/)
    .describe('The label that its placeholders have: capital letters, digits and underscores.'),
  pattern: z
    .string()
    .min(1)
    .max(512)
    .describe('What is looked for, in the syntax of RE2. A match has fewer than 200 characters.'),
});

/** All terms of a policy together: they are searched for with one automaton, whose size grows with them. */
const mostTermCharacters = 100_000;

/** Which side of a call a module judges. */
const on = z
  .enum(['input', 'output', 'both'])
  .optional()
  .describe('Whether it judges what the client sends, what the model says, or both. By default the input.');

const guardrail = z.discriminatedUnion('module', [
  z.strictObject({
    module: z.literal('blocked_terms').describe('Refuses texts that hold one of the terms.'),
    terms: z.array(z.string().min(1).max(200)).min(1).max(1000).describe('Terms that a text may not hold.'),
    on,
  }),
  z.strictObject({
    module: z.literal('pii').describe('Looks for personal data.'),
    action: z.enum(['mask', 'block']).describe('Whether personal data is masked, or the call refused.'),
    kinds: z
      .array(z.enum(personalDataKinds))
      .optional()
      .describe(
        'What is looked for: e-mail addresses, telephone numbers, IBANs and numbers of cards. By default all; none beside patterns.',
      ),
    patterns: z.array(dataPattern).min(1).max(mostPatterns).optional().describe('Patterns of your own that are looked for too.'),
    restore: z
      .boolean()
      .optional()
      .describe('Whether the client gets its own masked values back where the model names their placeholders.'),
    on,
  }),
  z.strictObject({
    module: z.literal('moderation').describe("Refuses inputs that the agent's moderation model flags."),
    on_failure: z
      .enum(['refuse', 'allow'])
      .optional()
      .describe('What happens when an input cannot be judged. By default the call is refused.'),
  }),
  z.strictObject({
    module: z.literal('max_input_tokens').describe('Refuses long inputs.'),
    tokens: z.number().int().min(1).describe('The most tokens that an input may have.'),
  }),
]);

export type Guardrail = z.infer<typeof guardrail>;

/** A prompt policy (contract section 6): instructions on top of the agent's, and guardrails. */
export const promptPolicy = z
  .strictObject({
    instructions: z.string().max(50_000).optional().describe("Instructions that are sent in addition to the agent's."),
    guardrails: z.array(guardrail).max(16).optional().describe('Checks of what clients send and models say: docs/guardrails.md.'),
  })
  .describe("Instructions on top of the agent's, and guardrails.");

export type PromptPolicy = z.infer<typeof promptPolicy>;

/** The same as it is given: stored ones of former releases may have more terms. */
export const givenPromptPolicy = promptPolicy
  .refine(({ guardrails = [] }) => termCharacters(guardrails) <= mostTermCharacters, {
    path: ['guardrails'],
    error: `may have at most ${mostTermCharacters} characters of blocked terms together`,
  })
  .superRefine(({ guardrails = [] }, context) => {
    const refuse = (path: readonly (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path: ['guardrails', ...path], message });
    const placed = guardrails.flatMap((one, at) =>
      one.module === 'pii' ? (one.patterns ?? []).map(({ pattern }, place) => ({ pattern, at, place })) : [],
    );
    guardrails.forEach((one, at) => {
      if (one.module === 'pii' && one.kinds?.length === 0 && one.patterns === undefined)
        refuse([at, 'kinds'], 'may be empty only beside patterns');
    });
    // Each is compiled: not more than may be.
    if (placed.length > mostPatterns) return refuse([], `may have at most ${mostPatterns} patterns together`);
    let size = 0;
    for (const { pattern, at, place } of placed) {
      const measured = measurePattern(pattern);
      if (measured.fault !== undefined)
        refuse([at, 'patterns', place, 'pattern'], `is no pattern that can be used: ${measured.fault}`);
      else size += measured.size;
    }
    if (size > mostPatternInstructions) refuse([], 'has patterns that are too large together');
  });

function termCharacters(guardrails: readonly Guardrail[]): number {
  return guardrails
    .flatMap((one) => (one.module === 'blocked_terms' ? one.terms : []))
    .reduce((sum, term) => sum + term.length, 0);
}
