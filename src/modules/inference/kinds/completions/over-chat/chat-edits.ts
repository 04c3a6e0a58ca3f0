import { invalid, unsupported } from '../../../call/request-body.js';
import type { Edit } from '../../../wire/json-edit.js';
import type { LegacyMembers } from './legacy-members.js';

/** The length of a legacy completion whose request says nothing of it, in tokens. */
const usualTokens = 16;

/** What only a chat can say, and an answer in plain text cannot tell: only the agent may have it. */
const chatOnly = [
  'audio',
  'function_call',
  'functions',
  'messages',
  'modalities',
  'prediction',
  'tool_choice',
  'tools',
  'web_search_options',
] as const;

/** What has no place in a chat, or is said in another way. */
const left = ['prompt', 'suffix', 'best_of', 'echo', 'store'] as const;

/**
 * What changes in the members of a legacy request, but for its prompt, so that a chat says the same.
 * @throws AppError unsupported_parameter for what a chat cannot say and what changes the answer, invalid_value.
 */
export function chatEdits(members: LegacyMembers): Edit[] {
  refuseUnsayable(members);
  const logprobs = members.number('logprobs');
  if (logprobs !== undefined && !(Number.isInteger(logprobs) && logprobs >= 0)) throw invalid('logprobs', 'expected an integer');
  const asked = logprobs === undefined ? [] : [set('logprobs', 'true'), set('top_logprobs', String(logprobs))];
  const unasked: Edit[] = logprobs === undefined ? [remove('logprobs'), remove('top_logprobs')] : [];
  const metadata = members.edits.get('metadata')?.op === 'set' ? [] : [remove('metadata')];
  return [...left.map(remove), ...metadata, ...asked, ...unasked, ...lengthEdits(members)];
}

function refuseUnsayable(members: LegacyMembers): void {
  for (const name of chatOnly) if (members.comesFromClient(name)) throw unsupported(name);
  if (members.says('suffix')) throw unsupported('suffix');
  const bestOf = members.number('best_of');
  if (bestOf !== undefined && bestOf !== 1) throw unsupported('best_of');
  if (members.says('echo') && members.says('logprobs')) throw unsupported('logprobs');
  if (members.number('max_tokens') === 0) throw unsupported('max_tokens');
}

/** What the agent says of the length stays under the name that it gives it, and what it takes out is nobody's but the provider's. */
function lengthEdits(members: LegacyMembers): Edit[] {
  if (members.edits.get('max_tokens')?.op === 'set') return [];
  if (members.says('max_completion_tokens') || members.isTakenOut('max_tokens')) return [remove('max_tokens')];
  const asked = members.number('max_tokens') ?? usualTokens;
  if (!Number.isInteger(asked) || asked < 0) throw invalid('max_tokens', 'expected an integer');
  return [remove('max_tokens'), set('max_completion_tokens', String(asked))];
}

function set(key: string, json: string): Edit {
  return { op: 'set', key, value: Buffer.from(json) };
}

function remove(key: string): Edit {
  return { op: 'remove', key };
}
