import { z } from 'zod';

/** Whether a connection makes fine-tuning jobs. */
const fineTuningStates = ['off', 'on'] as const;

export const givenFineTuning = z
  .enum(fineTuningStates)
  .describe('Whether fine-tuning jobs can be made for its models; they cost what the provider asks. By default off.');

export const givenPublishing = z
  .boolean()
  .describe(
    'Whether a fine-tuned model is published when its job has succeeded, as ft:…, a raw model with what its base serves.',
  );

/** What a connection says of fine-tuning. */
export interface TuningSettings {
  readonly fineTuning: (typeof fineTuningStates)[number];
  readonly publishFineTuned: boolean;
}
