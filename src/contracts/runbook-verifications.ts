import { z } from 'zod';
import { scopes } from './scopes.js';

/** What becomes of a step, and of a whole verification: skipped when nothing of it could be tried. */
export const stepOutcomes = ['pass', 'fail', 'skipped'] as const;

export type StepOutcome = (typeof stepOutcomes)[number];

/** The parts of a runbook that a verification goes through, in their order. */
export const stepPhases = ['prerequisites', 'setup', 'checklist'] as const;

export type StepPhase = (typeof stepPhases)[number];

/** Why a step fails. Each is another thing to change. */
export const failureCauses = [
  'unreachable',
  'timeout',
  'base_url',
  'auth_header',
  'invalid_key',
  'scope',
  'refused',
  'model',
  'body',
  'limit',
  'provider',
  'streaming',
  'answer',
  'file',
  'scopes_too_wide',
  'package',
] as const;

export type FailureCause = (typeof failureCauses)[number];

export const verificationStep = z
  .object({
    phase: z.enum(stepPhases),
    id: z.string(),
    text: z.string().describe('What is to be seen.'),
    outcome: z.enum(stepOutcomes),
    detail: z.string().describe('What was seen; of a skipped step, why it was not tried.'),
    cause: z.enum(failureCauses).nullable().describe('Of a failed step: its kind. Otherwise null.'),
    cure: z.string().nullable().describe('Of a failed step: what to do. Otherwise null.'),
  })
  .describe('One step of a verification.');

export type VerificationStep = z.infer<typeof verificationStep>;

const scopeList = z.array(z.enum(scopes));

/** What a run of a runbook gave. */
export const runbookVerification = z
  .object({
    object: z.literal('runbook.verification'),
    runbook: z.string().describe('The slug of the product.'),
    name: z.string(),
    outcome: z.enum(stepOutcomes),
    way: z.enum(['emulator', 'package']).describe('Who called: a client made from the data of the runbook, or the real one.'),
    package: z.string().nullable().describe('The real client and its version, where it called.'),
    base_url: z.string().nullable().describe('What the client was configured with.'),
    model: z.string().nullable().describe('The published name that was called.'),
    steps: z.array(verificationStep),
    routes: z.array(z.string()).describe('The routes that were really called, as rows of the route table.'),
    scopes: z
      .object({
        granted: scopeList.describe('What the key may do.'),
        exercised: scopeList.describe('Those of them that the calls needed.'),
        unused: scopeList.describe('The others.'),
        narrowest_preset: z.string().nullable().describe('The narrowest preset that has all the routes; null when none has.'),
      })
      .nullable()
      .describe('Null when the key could not be asked.'),
    calls: z.number().int().describe('How many requests were sent.'),
    sha256: z.string().describe('The hash of what the runbook names: the routes, with scopes and schemas.'),
  })
  .describe('What a run of a runbook gave.');

export type RunbookVerification = z.infer<typeof runbookVerification>;
