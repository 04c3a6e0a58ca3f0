import { z } from 'zod';

/** What is read of a provider's objects. Whatever else they have is left alone. */
export const providerId = z.string().regex(/^[\x21-\x7e]{1,256}$/);
export const providerText = z.string().max(100_000);
export const providerSeconds = z.number().nonnegative().max(1e11);

export const providerFile = z.looseObject({
  id: providerId,
  filename: providerText.nullish(),
  bytes: z.number().nullish(),
  status: z.string().max(64).nullish(),
  status_details: providerText.nullish(),
});

export type ProviderFile = z.infer<typeof providerFile>;

export const providerPage = <T extends z.ZodType>(item: T) =>
  z.looseObject({ data: z.array(item).max(10_000), has_more: z.boolean().nullish() });
