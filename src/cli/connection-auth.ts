import { z } from 'zod';

const shownAuth = z.looseObject({
  mode: z.string(),
  tokens: z.number().optional(),
  login: z.looseObject({ state: z.string() }).optional(),
});

/** How a connection shows itself to its provider, in one word or two: `none`, `token`, `token, 3 keys`, `login: in`. */
export function authText(auth: unknown): string {
  const { success, data } = shownAuth.safeParse(auth);
  if (!success) return '-';
  const { mode, tokens = 0, login } = data;
  if (login !== undefined) return `login: ${login.state}`;
  if (mode !== 'header_token') return mode;
  if (tokens === 0) return 'no token';
  return tokens === 1 ? 'token' : `token, ${tokens} keys`;
}
