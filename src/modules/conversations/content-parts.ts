import { isFields, type Fields } from '../../kernel/fields.js';
import { invalidItem, missingMember } from './item-faults.js';

/** What each kind of part must hold as a text, and what it gets where that is absent. */
const partForms: Readonly<Record<string, { readonly text?: string; readonly defaults?: Fields }>> = {
  input_text: { text: 'text' },
  output_text: { text: 'text', defaults: { annotations: [], logprobs: [] } },
  text: { text: 'text' },
  summary_text: { text: 'text' },
  reasoning_text: { text: 'text' },
  refusal: { text: 'refusal' },
  input_image: { defaults: { detail: 'auto' } },
  input_file: {},
  input_audio: {},
  computer_screenshot: { defaults: { image_url: null, file_id: null, detail: 'auto' } },
};

/** A text as the one part of a message of this role. */
export function textParts(role: string, text: string): Fields[] {
  return role === 'assistant' ? [{ type: 'output_text', text, annotations: [], logprobs: [] }] : [{ type: 'input_text', text }];
}

/**
 * The parts of a message's content in OpenAI's form; a plain text becomes one part.
 * @throws AppError invalid_value or missing_required_parameter naming the part.
 */
export function normaliseContent(content: unknown, role: string, param: string): Fields[] {
  if (typeof content === 'string') return textParts(role, content);
  if (!Array.isArray(content)) throw invalidItem(param, 'expected a string or an array of parts');
  return (content as unknown[]).map((part, at) => normalisePart(part, `${param}[${at}]`));
}

function normalisePart(part: unknown, param: string): Fields {
  if (!isFields(part)) throw invalidItem(param, 'expected an object');
  const form = typeof part['type'] === 'string' ? partForms[part['type']] : undefined;
  if (form === undefined) throw invalidItem(`${param}.type`, `expected one of ${Object.keys(partForms).join(', ')}`);
  if (form.text !== undefined && typeof part[form.text] !== 'string') {
    const member = `${param}.${form.text}`;
    throw part[form.text] === undefined ? missingMember(member) : invalidItem(member, 'expected a string');
  }
  return { ...form.defaults, ...part };
}
