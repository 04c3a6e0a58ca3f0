import { createHash } from 'node:crypto';
import type { HarborManifest } from '../contracts/harbor.js';
import { CliError, usageError } from './cli-error.js';
import { unreached } from './unreached.js';

/** What a node shows of a call: a summary, and of a JSON list how long it is. */
export interface ActionResult {
  readonly object: 'harbor.result';
  readonly action: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Items of the list; null where the answer is no list. */
  readonly items: number | null;
  /** What a refusal says. */
  readonly error: string | null;
}

const timeoutMs = 60_000;

/**
 * Makes the call of an action that needs no input, by nothing but what the manifest says. The key goes to the address that
 * the manifest names.
 * @throws CliError when the manifest has no such action, or its address is none or does not answer.
 */
export async function runAction({ port, actions }: HarborManifest, slug: string, key: string): Promise<ActionResult> {
  const action = actions.find((candidate) => candidate.slug === slug);
  if (action === undefined) throw new CliError(1, [`The manifest has no action ${slug}.`]);
  const { method, path } = action;
  const url = port.baseUrl + path.slice(1);
  if (!URL.canParse(url)) throw usageError(`The manifest's base URL ${port.baseUrl} is no address.`);
  try {
    const reply = await fetch(url, {
      method,
      headers: { [port.authHeaderName]: `${port.authTokenPrefix} ${key}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = Buffer.from(await reply.arrayBuffer());
    const answer = readJson(body);
    return {
      object: 'harbor.result',
      ...{ action: slug, method, url, status: reply.status },
      type: reply.headers.get('content-type') ?? '',
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
      items: Array.isArray(answer.data) ? answer.data.length : null,
      error: typeof answer.error?.message === 'string' ? answer.error.message : null,
    };
  } catch (cause) {
    throw unreached(url, cause, "the manifest's base URL");
  }
}

function readJson(body: Buffer): { readonly data?: unknown; readonly error?: { readonly message?: unknown } | null } {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
