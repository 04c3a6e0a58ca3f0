import { AppError } from '../../../../kernel/app-error.js';
import { findMember, readMember, type JsonBody } from '../../wire/json-body.js';

/** How many prompts a legacy completion request holds: one, or as many as its array has strings or token lists. */
export function countPrompts(body: JsonBody): number {
  const member = findMember(body.scan, 'prompt');
  if (member?.kind !== 'array') return 1;
  const prompts = readMember(body.bytes, member) as unknown[];
  return typeof prompts[0] === 'number' ? 1 : Math.max(prompts.length, 1);
}

/**
 * A legacy prompt with instructions before it: the text, a blank line, the prompt.
 * @throws AppError invalid_value for prompts of tokens, before which no text can stand.
 */
export function promptWithInstructions(prompt: unknown, instructions: string): Buffer {
  if (typeof prompt === 'string') return Buffer.from(JSON.stringify(`${instructions}\n\n${prompt}`));
  if (Array.isArray(prompt) && prompt.every((part) => typeof part === 'string')) {
    return Buffer.from(JSON.stringify(prompt.map((part) => `${instructions}\n\n${part}`)));
  }
  throw new AppError('invalid_value', {
    param: 'prompt',
    message: "Invalid value for 'prompt': this agent takes text, not tokens.",
  });
}
