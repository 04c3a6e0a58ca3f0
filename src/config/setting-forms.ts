import { z } from 'zod';

/** `true` or `false`. */
export const flag = (fallback: 'true' | 'false', text: string) =>
  z
    .enum(['true', 'false'])
    .default(fallback)
    .transform((value) => value === 'true')
    .describe(text);

/** Pairs with a comma between them; values are percent-encoded. */
export const pairs = (text: string) =>
  z
    .string()
    .transform((value, context) => {
      const read: Record<string, string> = {};
      for (const pair of value.split(',').filter((part) => part.trim() !== '')) {
        const at = pair.indexOf('=');
        const name = pair.slice(0, Math.max(at, 0)).trim();
        const decoded = percentDecoded(pair.slice(at + 1).trim());
        if (name === '' || decoded === undefined) {
          context.addIssue({ code: 'custom', message: 'must be name=value, several separated by commas' });
          return z.NEVER;
        }
        read[name] = decoded;
      }
      return read;
    })
    .optional()
    .describe(text);

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
