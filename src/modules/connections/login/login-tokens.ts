import { z } from 'zod';

/** The tokens of a login, as they are sealed. */
export const loginTokens = z.object({
  access: z.string().min(1),
  refresh: z.string().nullable(),
  id: z.string().nullable(),
});

export type LoginTokens = z.infer<typeof loginTokens>;

/** Tokens as a provider gave them. */
export interface GivenTokens extends LoginTokens {
  /** How long the access token is good, in seconds; null when the provider does not tell. */
  readonly lastsSeconds: number | null;
  /** The same of the refresh token. */
  readonly refreshLastsSeconds: number | null;
}

/** What of the last tokens goes on: a provider that gives no new refresh or id token leaves the old one in force. */
export function following(before: LoginTokens | null, given: GivenTokens): GivenTokens {
  return { ...given, refresh: given.refresh ?? before?.refresh ?? null, id: given.id ?? before?.id ?? null };
}
