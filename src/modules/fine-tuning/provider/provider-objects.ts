import { z } from 'zod';
import { storable } from '../../../platform/journal/record-columns.js';
import { providerId, providerSeconds, providerText } from '../../provider-jobs/provider-objects.js';

/** What is read of a provider's jobs. Whatever else they have is left alone. */
export const providerJob = z.looseObject({
  id: providerId,
  status: z.string().min(1).max(64),
  training_file: providerId.nullish(),
  fine_tuned_model: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/)
    .nullish(),
  trained_tokens: z.number().int().nonnegative().nullish(),
  estimated_finish: providerSeconds.nullish(),
  finished_at: providerSeconds.nullish(),
  hyperparameters: z.looseObject({}).nullish(),
  result_files: z.array(providerId).max(64).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  error: z
    .looseObject({ code: providerText.nullish(), message: providerText.nullish(), param: providerText.nullish() })
    .nullish(),
});

export type ProviderJob = z.infer<typeof providerJob>;

export const providerEvent = z.looseObject({
  id: providerId,
  created_at: providerSeconds,
  level: z.string().max(64).nullish(),
  message: providerText,
  type: z.string().max(64).nullish(),
  data: z.unknown(),
});

export type ProviderEvent = z.infer<typeof providerEvent>;

export const providerCheckpoint = z.looseObject({
  id: providerId,
  created_at: providerSeconds,
  fine_tuned_model_checkpoint: z.string().min(1).max(512).transform(storable),
  step_number: z.number().int().min(0).max(2_147_483_647),
  metrics: z.looseObject({}).nullish(),
});

export type ProviderCheckpoint = z.infer<typeof providerCheckpoint>;
