import { z } from 'zod';

const shownHealth = z.looseObject({
  state: z.string(),
  calls: z.number(),
  failures: z.number(),
  retry_at: z.number().nullable(),
});

/** How a connection fares, in one word or two. @param now in Unix seconds. */
export function healthText(health: unknown, now: number): string {
  const { success, data } = shownHealth.safeParse(health);
  if (!success) return '-';
  if (data.state === 'open') return `open, tries again in ${Math.max(0, (data.retry_at ?? now) - now)} s`;
  if (data.state === 'half_open') return 'open, the next call tries';
  if (data.calls === 0) return 'unused';
  return data.failures === 0 ? 'ok' : `failing ${data.failures}/${data.calls}`;
}
