import { answerError, answerRedirect } from './answers.js';
import type { Commands } from './commands.js';
import { SandboxError, type WireError } from './errors.js';
import type { Exchange } from './exchange.js';

/** What the error bodies give away on purpose, so that a platform can prove that it scrubs them. */
const leaked = {
  url: 'https://provider.internal.example/x',
  organization: 'org-abc123',
  key: 'sk-sandboxLEAKED0123456789abcdefghijklmnop',
};

/**
 * Plays the faults that happen before an answer begins: waiting, silence, a status, a redirect.
 * @returns true when the exchange is over, false when the ordinary answer is still to be given.
 */
export async function playFaults(exchange: Exchange, commands: Commands, model: string): Promise<boolean> {
  if (commands.isEmpty) return false;
  await exchange.pause(commands.number('slow') ?? 0);
  if (commands.has('hang')) await exchange.departure();
  if (exchange.gone) return true;
  const refusal = scriptedRefusal(exchange, commands, model);
  if (refusal !== undefined) answerError(exchange, refusal);
  else if (commands.has('redirect')) answerRedirect(exchange);
  else return false;
  return true;
}

function scriptedRefusal(exchange: Exchange, commands: Commands, model: string): SandboxError | undefined {
  const once = commands.text('refuse-once');
  if (once !== undefined && exchange.state.refuseNow(once)) {
    return new SandboxError(503, overloaded('Please try again at once.'), { 'retry-after': '0' });
  }
  if (commands.has('quota')) return new SandboxError(429, quotaSpent);
  const status = commands.number('status');
  if (status === undefined) return undefined;
  const after = commands.number('retry-after');
  const headers: Record<string, string> = after === undefined ? {} : { 'retry-after': String(after) };
  return new SandboxError(status, scriptedError(status, model, after), headers);
}

const quotaSpent: WireError = {
  message: `You exceeded your current quota (organization ${leaked.organization}), please check your plan and billing details.`,
  type: 'insufficient_quota',
  param: null,
  code: 'insufficient_quota',
};

function scriptedError(status: number, model: string, retryAfterSeconds: number | undefined): WireError {
  if (status === 429) return rateLimited(model, retryAfterSeconds);
  if (status >= 500) return overloaded(`Worker of ${leaked.organization} failed, see ${leaked.url}.`);
  const [code, param, text] = clientErrors[status] ?? [null, null, 'The request was refused.'];
  const message = `${text} (model ${model}, ${leaked.organization}, key ${leaked.key}, see ${leaked.url})`;
  return { message, type: 'invalid_request_error', param, code };
}

/** Code, blamed field and sentence of the scripted 4xx. */
const clientErrors: Readonly<Record<number, readonly [string | null, string | null, string]>> = {
  400: ['context_length_exceeded', 'messages', "This model's maximum context length is 8192 tokens."],
  401: ['invalid_api_key', null, 'Incorrect API key provided.'],
  403: ['unsupported_country_region_territory', null, 'Your project has no access to this model.'],
  404: ['model_not_found', 'model', 'The model does not exist or you do not have access to it.'],
  413: ['request_too_large', null, 'The request is too large.'],
  422: ['invalid_value', 'temperature', 'The request could not be processed.'],
};

function rateLimited(model: string, retryAfterSeconds = 20): WireError {
  const message =
    `Rate limit reached for ${model} in organization ${leaked.organization} on requests per min (RPM): ` +
    `Limit 3, Used 3, Requested 1. Please try again in ${retryAfterSeconds}s. See ${leaked.url}.`;
  return { message, type: 'requests', param: null, code: 'rate_limit_exceeded' };
}

function overloaded(detail: string): WireError {
  return { message: `The sandbox is overloaded. ${detail} Key ${leaked.key}.`, type: 'server_error', param: null, code: null };
}
