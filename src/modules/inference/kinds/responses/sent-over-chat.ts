import type { Fields } from '../../../../kernel/fields.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import type { Additions } from '../../call/dialogue.js';
import { parameterEdits } from '../../call/parameter-edits.js';
import { printExact, readExact } from '../../wire/exact-json.js';
import { readMember } from '../../wire/json-body.js';
import { chatRequestOf } from './chat-request.js';
import { OverChatAnswer } from './over-chat-answer.js';
import type { ResponseSaid } from './response-said.js';
import { openedItems } from './opened-items.js';
import { exactItem, type AskedResponse, type SentRequest } from './sent-request.js';

/** Members of a request that a response shows. */
const echoed = [
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const;

/** The request to a provider that speaks chat: it is said anew. */
export function sentOverChat(response: AskedResponse, said: ResponseSaid, additions: Additions): SentRequest {
  const { target, endpoint, tools: offered, seals } = response;
  const { context, history = [], earlier = [], referenced } = additions;
  const members = membersOf(response);
  const { connection } = target;
  const { items, leftOut: itemsLeftOut } = openedItems(
    [...earlier.map(({ json }) => exactItem(json) as StoredItem), ...history, ...(response.newItems(referenced) as StoredItem[])],
    seals,
    connection.id,
  );
  const { body, tools } = chatRequestOf(members, {
    model: target.model,
    instructions: response.instructions(),
    role: endpoint.agent?.instructions_role ?? 'system',
    context: context?.text,
    items,
    connection: connection.id,
  });
  return {
    path: connection.paths.chat,
    body: Buffer.from(printExact(body)),
    answer: new OverChatAnswer(said, echoOf(members), tools.names, (thoughts) => seals.seal('reasoning', thoughts)),
    leftOut: [...offered.leftOut, ...tools.leftOut],
    itemsLeftOut,
  };
}

/** The members of the request with the agent's, their numbers as they were written. */
function membersOf({ asked: { body }, target, endpoint: { agent }, tools }: AskedResponse): Fields {
  const { droppedFields } = target.connection;
  const members: Record<string, unknown> = {};
  for (const member of body.scan.members) {
    if (droppedFields.has(member.key) || member.key === 'input') continue;
    members[member.key] = readExact(body.bytes.subarray(member.valueStart, member.valueEnd), readMember(body.bytes, member));
  }
  for (const edit of agent === null ? [] : parameterEdits(agent, body.scan)) {
    if (edit.op === 'set') members[edit.key] = readExact(edit.value, JSON.parse(edit.value.toString('utf8')));
    else delete members[edit.key];
  }
  if (tools.kept !== undefined) members['tools'] = tools.kept;
  return members;
}

function echoOf(members: Fields): Fields {
  return Object.fromEntries(
    echoed.flatMap((name) => (members[name] === undefined || members[name] === null ? [] : [[name, members[name]]])),
  );
}
