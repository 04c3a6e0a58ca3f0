import { found, well, type Check } from '../check.js';

const limitMs = 5_000;

/** Whether the provider that `npm run up` starts answers. */
export async function checkSandbox(url: string): Promise<Check> {
  try {
    const { status } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(limitMs) });
    return status === 200 ? well('sandbox', `${url} answers.`) : found('sandbox', 'sandbox-away', `(status ${status})`);
  } catch {
    return found('sandbox', 'sandbox-away', `(${url})`);
  }
}
