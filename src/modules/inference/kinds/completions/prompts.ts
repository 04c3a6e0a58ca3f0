import { AppError } from '../../../../kernel/app-error.js';
import { countElements, jsonSize } from '../../../../kernel/json-size.js';
import { findMember, readMember, type JsonBody } from '../../wire/json-body.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { skipSpace } from '../../wire/json-tokens.js';

/** How many prompts a legacy completion request holds: one, or as many as its array has strings or token lists. */
export function countPrompts(body: JsonBody): number {
  const member = findMember(body.scan, 'prompt');
  if (member?.kind !== 'array') return 1;
  const { bytes } = body;
  const first = bytes[skipSpace(bytes, member.valueStart + 1, member.valueEnd)];
  return isOfNumber(first) ? 1 : countElements(bytes, member.valueStart, member.valueEnd);
}

function isOfNumber(byte: number | undefined): boolean {
  return byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39);
}

/** Before more prompts no instructions are written: parsing and printing them would hold up everybody. */
const maxValues = 30_000;

/**
 * The `prompt` of a request, parsed, to write instructions before it.
 * @throws AppError invalid_value where it has too many values for that.
 */
export function readPrompt({ bytes }: JsonBody, member: ScannedMember): unknown {
  if (jsonSize(bytes, maxValues, member.valueStart, member.valueEnd).values <= maxValues) return readMember(bytes, member);
  const message = `Invalid value for 'prompt': this agent has instructions, which are written before at most ${maxValues} prompts.`;
  throw new AppError('invalid_value', { param: 'prompt', message });
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
