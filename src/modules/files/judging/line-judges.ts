import { createHash } from 'node:crypto';
import { batchBounds } from '../../../contracts/batches.js';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { storable } from '../../../platform/journal/record-columns.js';

/** Judges the lines of a file one after the other: says what is wrong with this one, undefined where nothing is. */
export type LineJudge = (line: Fields, number: number) => string | undefined;

const mostOfId = batchBounds.customIdCharacters;

/**
 * The lines of a batch: requests, each with an id of its own. Whether the batch may make them is judged when it is made, and
 * again when each runs.
 */
export function batchLines(): LineJudge {
  const seen = new Map<string, number>();
  return ({ custom_id: id, method, url, body }, number) => {
    if (typeof id !== 'string' || id === '') return "'custom_id' must be a text that is not empty";
    if (id.length > mostOfId) return `'custom_id' has more than ${mostOfId} characters`;
    if (storable(id) !== id) return "'custom_id' holds NUL or half of a character";
    const before = seen.get(shortened(id));
    if (before !== undefined) return `'custom_id' is the same as in line ${before}`;
    seen.set(shortened(id), number);
    if (method !== 'POST') return "'method' must be POST";
    if (typeof url !== 'string' || !url.startsWith('/')) return "'url' must be a path, such as /v1/chat/completions";
    return isFields(body) ? undefined : "'body' must be an object";
  };
}

/** Of 50,000 ids a few megabytes are kept, however long they are. */
function shortened(id: string): string {
  return id.length <= 40 ? id : createHash('sha256').update(id).digest('base64');
}

const forms = {
  messages: ({ messages }: Fields) => faultOfMessages(messages, 'messages'),
  prompt: ({ prompt, completion }: Fields) => {
    if (typeof prompt !== 'string') return "'prompt' must be a text";
    return typeof completion === 'string' ? undefined : "'completion' must be a text";
  },
  input: ({ input, preferred_output: preferred, non_preferred_output: other }: Fields) => {
    if (!isFields(input)) return "'input' must be an object";
    return (
      faultOfMessages(input['messages'], 'input.messages') ??
      faultOfMessages(preferred, 'preferred_output') ??
      faultOfMessages(other, 'non_preferred_output')
    );
  },
} as const;

type Form = keyof typeof forms;

/** The examples of a fine-tuning file: all of them chats, prompts with completions, or preferences. */
export function fineTuneLines(): LineJudge {
  let form: Form | undefined;
  return (line) => {
    const own = (Object.keys(forms) as Form[]).find((name) => line[name] !== undefined);
    if (own === undefined) return "an example has 'messages', or 'prompt' and 'completion', or 'input' with a preferred output";
    form ??= own;
    if (own !== form) return `the examples before have '${form}', this one has '${own}'`;
    return forms[own](line);
  };
}

const roles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

function faultOfMessages(messages: unknown, place: string): string | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return `'${place}' must be a list of messages that is not empty`;
  for (const [at, message] of messages.entries()) {
    const where = `${place}[${at}]`;
    if (!isFields(message)) return `'${where}' must be an object`;
    if (!roles.has(message['role'])) return `'${where}.role' must be one of ${[...roles].join(', ')}`;
    if (!isContent(message)) return `'${where}.content' must be a text or a list of parts`;
  }
  return undefined;
}

function isContent({ role, content, tool_calls: calls, function_call: call }: Fields): boolean {
  if (typeof content === 'string') return true;
  if (Array.isArray(content)) return content.length > 0 && content.every(isFields);
  return (content ?? null) === null && role === 'assistant' && (Array.isArray(calls) || isFields(call));
}
