import type { Guardrail } from '../../../contracts/prompt-policy.js';
import { AppError } from '../../../kernel/app-error.js';

/** What is refused: what the client has sent, or what the model has said. */
export type Side = 'request' | 'answer';

/** The refusal by a module. It says why, but neither where nor by which of the operator's terms. */
export function refused(module: Guardrail['module'], why: string, side: Side = 'request'): AppError {
  return new AppError('content_policy', {
    message: `The ${side} was refused by the content policy of this API key (${module}): ${why}.`,
  });
}
