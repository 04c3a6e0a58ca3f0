import type { Fields } from '../../../../kernel/fields.js';
import type { Steps } from '../../../../kernel/steps.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import type { Additions } from '../../call/dialogue.js';
import type { MemberName } from '../../call/member-names.js';
import { namesFileAddress, withoutFileAddresses } from '../../call/file-addresses.js';
import { fittingItems } from '../../call/fitting-items.js';
import { printInSteps, readExact } from '../../wire/exact-json.js';
import { readMember } from '../../wire/json-body.js';
import { responseEdits } from './agent-parameters.js';
import { chatRequestOf } from './chat-request.js';
import { ChatToCompaction } from './chat-to-compaction.js';
import { ChatToResponse } from './chat-to-response.js';
import { summaryContent, summaryQuestion, withCompaction } from '../chat/compaction.js';
import { OverChatAnswer } from './over-chat-answer.js';
import type { ResponseSaid } from './response-said.js';
import { openedItems } from '../chat/opened-items.js';
import { broughtTools, usableInput } from '../tools/offered-input.js';
import { toolRights } from '../tools/offered-tools.js';
import { judgeForChat, untoldTypes } from './said-over-chat.js';
import { itemsOf, type AskedResponse, type SentRequest } from './sent-request.js';

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

/** What a request for a response calls members of a chat. */
const memberNames: readonly MemberName[] = [
  { sent: 'max_completion_tokens', asked: 'max_output_tokens' },
  { sent: 'response_format.json_schema', asked: 'text.format' },
  { sent: 'response_format', asked: 'text.format' },
  { sent: 'reasoning_effort', asked: 'reasoning.effort' },
  { sent: 'verbosity', asked: 'text.verbosity' },
  { sent: 'messages', asked: 'input' },
];

/** Whether a summary is asked for in place of an answer, and whether what is asked for comes as a stream. */
interface AskedForm {
  readonly compacts: boolean;
  readonly streamed: boolean;
}

/** The request to a provider that speaks chat: it is said anew, in steps. */
export function* sentOverChat(
  response: AskedResponse,
  said: ResponseSaid,
  additions: Additions,
  { compacts, streamed }: AskedForm = { compacts: response.compacts, streamed: response.asked.stream },
): Steps<SentRequest> {
  const { target, endpoint, tools: offered, seals, asked } = response;
  const { connection } = target;
  const { context, compaction } = additions;
  const members = membersOf(response, streamed);
  const takesFileAddresses = connection.dialect !== undefined || endpoint.agent?.fetch_addresses === true;
  judgeForChat(members, response.given, takesFileAddresses);
  const given = itemsOf(response, additions);
  const told = takesFileAddresses ? given : given.map(withoutFileAddresses);
  yield;
  const all = usableInput(told, toolRights(endpoint, target)) as readonly StoredItem[];
  const { items: opened, leftOut: itemsLeftOut } = openedItems(
    compaction === undefined ? all : withCompaction(all, compaction as StoredItem, asked.compactThreshold ?? Infinity),
    seals,
    connection.id,
  );
  yield;
  const room = response.room(context);
  const items = room === undefined ? opened : fittingItems(opened, room);
  const { body, tools } = yield* chatRequestOf(compacts ? forSummary(members) : members, {
    model: target.model,
    instructions: response.instructions(),
    role: endpoint.agent?.instructions_role ?? 'system',
    context: context?.text,
    items: compacts ? [...items, summaryQuestion()] : items,
    brought: broughtTools(items),
    connection: connection.id,
  });
  return {
    path: target.paths.chat,
    memberNames,
    body: yield* printInSteps(body),
    answer: new OverChatAnswer(said, echoOf(members), (frame) =>
      compacts
        ? new ChatToCompaction(said, frame, (summary) => seals.seal('compaction', summaryContent(summary)))
        : new ChatToResponse(said, frame, tools.names, (thoughts) => seals.seal('reasoning', thoughts)),
    ),
    inputMoved: true,
    namesFileAddresses: items.some(namesFileAddress),
    leftOut: [...offered.leftOut, ...tools.leftOut],
    itemsLeftOut: [...itemsLeftOut, ...untoldTypes(items)],
  };
}

/** What a response shows of its request before a provider has said anything. */
export function echoedMembers(response: AskedResponse): Fields {
  return echoOf(membersOf(response, response.asked.stream));
}

/** The members of the request with the agent's, their numbers as they were written. */
function membersOf({ asked: { body }, target, endpoint: { agent }, tools }: AskedResponse, streamed: boolean): Fields {
  const { droppedFields } = target.connection;
  const members: Record<string, unknown> = {};
  for (const member of body.scan.members) {
    if (droppedFields.has(member.key) || member.key === 'input' || (member.key === 'stream' && !streamed)) continue;
    members[member.key] = readExact(body.bytes.subarray(member.valueStart, member.valueEnd), readMember(body.bytes, member));
  }
  const fixed = new Set<string>();
  for (const edit of responseEdits(agent, body.scan)) {
    fixed.add(edit.key);
    if (edit.op === 'set') members[edit.key] = readExact(edit.value, JSON.parse(edit.value.toString('utf8')));
    else delete members[edit.key];
  }
  if (tools.kept !== undefined && !fixed.has('tools')) members['tools'] = tools.kept;
  if (tools.choice !== undefined && !fixed.has('tool_choice')) members['tool_choice'] = tools.choice;
  return members;
}

/** The members of a request for a summary: tools stay, so that their calls are understood, and none may be called. */
function forSummary(members: Fields): Fields {
  const { max_output_tokens: _length, text: _form, include: _include, top_logprobs: _logprobs, ...rest } = members;
  return { ...rest, tool_choice: 'none' };
}

function echoOf(members: Fields): Fields {
  return Object.fromEntries(
    echoed.flatMap((name) => (members[name] === undefined || members[name] === null ? [] : [[name, members[name]]])),
  );
}
