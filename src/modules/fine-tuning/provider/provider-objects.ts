import { z } from 'zod';

/** What is read of a provider's objects. Whatever else they have is left alone. */
const id = z.string().regex(/^[\x21-\x7e]{1,256}$/);
const text = z.string().max(100_000);
const seconds = z.number().nonnegative().max(1e11);

export const providerFile = z.looseObject({
  id,
  filename: text.nullish(),
  bytes: z.number().nullish(),
  status: z.string().max(64).nullish(),
  status_details: text.nullish(),
});

export type ProviderFile = z.infer<typeof providerFile>;

export const providerJob = z.looseObject({
  id,
  status: z.string().min(1).max(64),
  training_file: id.nullish(),
  fine_tuned_model: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/)
    .nullish(),
  trained_tokens: z.number().int().nonnegative().nullish(),
  estimated_finish: seconds.nullish(),
  finished_at: seconds.nullish(),
  hyperparameters: z.looseObject({}).nullish(),
  result_files: z.array(id).max(64).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  error: z.looseObject({ code: text.nullish(), message: text.nullish(), param: text.nullish() }).nullish(),
});

export type ProviderJob = z.infer<typeof providerJob>;

export const providerEvent = z.looseObject({
  id,
  created_at: seconds,
  level: z.string().max(64).nullish(),
  message: text,
  type: z.string().max(64).nullish(),
  data: z.unknown(),
});

export type ProviderEvent = z.infer<typeof providerEvent>;

export const providerCheckpoint = z.looseObject({
  id,
  created_at: seconds,
  fine_tuned_model_checkpoint: z.string().min(1).max(512),
  step_number: z.number().int().min(0).max(2_147_483_647),
  metrics: z.looseObject({}).nullish(),
});

export type ProviderCheckpoint = z.infer<typeof providerCheckpoint>;

export const providerPage = <T extends z.ZodType>(item: T) =>
  z.looseObject({ data: z.array(item).max(10_000), has_more: z.boolean().nullish() });
