import { z } from 'zod';
import { loginEndpoints } from './login-endpoints.js';

/** A login that was begun and waits for its end; sealed, good once. */
export const loginAttempt = z.object({
  /** By which it is named, and the `state` that the browser brings back. */
  name: z.string(),
  /** Who began it; nobody else may complete it. */
  actor: z.string(),
  /** Of an authorization code: the PKCE verifier, and where the browser is sent. */
  code: z.object({ verifier: z.string(), redirectUri: z.string() }).nullable(),
  /** Of a device code: the code that is asked with, and how many seconds to wait between two questions. */
  device: z.object({ code: z.string(), interval: z.number() }).nullable(),
  /** The addresses that the issuer named for it; null where the settings name them all. */
  discovered: loginEndpoints.nullable(),
});

export type LoginAttempt = z.infer<typeof loginAttempt>;

/** So long a login may take. */
export const attemptSeconds = 600;
