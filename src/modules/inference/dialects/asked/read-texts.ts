import { invalid, unsupported } from '../../call/request-body.js';

/** The texts of which vectors are wanted. @throws AppError invalid_value; unsupported_parameter for tokens in their place. */
export function readTexts(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input) || input.length === 0) throw invalid('input', 'expected a string or an array of strings');
  const texts = (input as unknown[]).filter((one) => typeof one === 'string');
  if (texts.length < input.length)
    throw unsupported('input', "Unsupported parameter: 'input': this model takes texts, no tokens.");
  return texts;
}
