import { QUOTE } from '../../../../../kernel/json-bytes.js';
import { invalid, unsupported } from '../../../call/request-body.js';
import type { JsonBody } from '../../../wire/json-body.js';
import type { ScannedMember } from '../../../wire/json-scan.js';
import { endOfString, skipSpace } from '../../../wire/json-tokens.js';

/**
 * Where the one text that a chat can be asked stands.
 * @throws AppError unsupported_parameter for several prompts and for tokens, invalid_value for none.
 */
export function onePrompt({ bytes }: JsonBody, prompt: ScannedMember): ScannedMember {
  const { kind, valueStart, valueEnd } = prompt;
  if (kind === 'string') return prompt;
  const last = valueEnd - 1;
  const start = skipSpace(bytes, valueStart + 1, last);
  if (start === last) throw invalid('prompt', 'expected at least one prompt');
  const close = bytes[start] === QUOTE ? endOfString(bytes, start + 1, last) : -1;
  if (close === -1 || skipSpace(bytes, close + 1, last) !== last)
    throw unsupported(
      'prompt',
      "Unsupported parameter: 'prompt' of tokens, or of several texts, is not supported with this model.",
    );
  return { ...prompt, kind: 'string', valueStart: start, valueEnd: close + 1 };
}
