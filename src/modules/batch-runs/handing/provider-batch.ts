import { z } from 'zod';
import { providerId, providerText } from '../../provider-jobs/provider-objects.js';

const count = z.number().int().min(0).max(1_000_000);

/** What is read of a provider's batch. Whatever else it has is left alone. */
export const providerBatch = z.looseObject({
  id: providerId,
  status: z.string().min(1).max(64),
  input_file_id: providerId.nullish(),
  output_file_id: z.union([providerId, z.literal('')]).nullish(),
  error_file_id: z.union([providerId, z.literal('')]).nullish(),
  request_counts: z.looseObject({ total: count.nullish(), completed: count.nullish(), failed: count.nullish() }).nullish(),
  errors: z
    .looseObject({
      data: z
        .array(
          z.looseObject({
            code: providerText.nullish(),
            message: providerText.nullish(),
            line: count.nullish().catch(null),
            param: providerText.nullish(),
          }),
        )
        .max(100_000)
        .nullish(),
    })
    .nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

export type ProviderBatch = z.infer<typeof providerBatch>;

/** The batch that a provider made for one of ours carries its id under this name. */
export const batchMark = 'gt_batch';
