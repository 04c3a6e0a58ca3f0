import { isFields, type Fields } from '../../../../kernel/fields.js';

/** What Google takes in place of a signature that nobody has: the check of it is skipped. */
export const skipValidator = 'skip_thought_signature_validator';

/** A signature in the members in which Google's own form for OpenAI's clients has it: of a call, or of a message. */
export function signedMembers(signature: string): Fields {
  return { extra_content: { google: { thought_signature: signature } } };
}

/** The signature that a message, a call, or what was kept of one holds. */
export function signatureOf(members: Fields | undefined): string | undefined {
  const further = members?.['extra_content'];
  const google = isFields(further) ? further['google'] : undefined;
  const signature = isFields(google) ? google['thought_signature'] : undefined;
  return typeof signature === 'string' && signature !== '' ? signature : undefined;
}

/** True for a message of which a call is signed: Gemini signs the first of several. */
export function hasSignedCall({ tool_calls: calls }: Fields): boolean {
  return Array.isArray(calls) && (calls as unknown[]).some((call) => isFields(call) && signatureOf(call) !== undefined);
}
