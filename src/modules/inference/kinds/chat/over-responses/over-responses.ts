import { isGiven, type Fields } from '../../../../../kernel/fields.js';
import type { StreamedAnswer } from '../../../call/answer.js';
import type { CallPlan } from '../../../call/call-plan.js';
import type { MemberName } from '../../../call/member-names.js';
import { readPlannedJson } from '../../../call/planned-json.js';
import { printExact } from '../../../wire/exact-json.js';
import { leftOutReply, noTools, offeredTools, toolRights } from '../../tools/offered-tools.js';
import { takesNothing } from '../../tools/takes-nothing.js';
import { OverResponsesAnswer } from './over-responses-answer.js';
import { responseRequestOf } from './response-request.js';

/** What a chat calls members of a request for a response. */
function memberNames(chat: Fields): readonly MemberName[] {
  return [
    { sent: 'max_output_tokens', asked: isGiven(chat['max_completion_tokens']) ? 'max_completion_tokens' : 'max_tokens' },
    { sent: 'text.format', asked: 'response_format' },
    { sent: 'text.verbosity', asked: 'verbosity' },
    { sent: 'reasoning.effort', asked: 'reasoning_effort' },
    { sent: 'input', asked: 'messages' },
  ];
}

/** What the translation must know of the chat. */
export interface ChatAsked {
  readonly usageAsked: boolean;
  /** The answer of a provider that speaks chat. */
  readonly form: StreamedAnswer;
  /** Types of hosted tools that were left out already. */
  readonly leftOut: readonly string[];
  /** The tools are those of the agent, which may be any. */
  readonly fixesTools: boolean;
}

/**
 * The call of a chat to a provider that speaks only Responses.
 * @param plan the same call as it would go to a provider that speaks chat.
 * @throws AppError unsupported_parameter, invalid_value.
 */
export function overResponses(plan: CallPlan, { usageAsked, form, leftOut, fixesTools }: ChatAsked): CallPlan {
  const chat = readPlannedJson(plan, 'messages');
  const request = responseRequestOf(chat);
  const takingNothing = new Set(((request['tools'] ?? []) as readonly Fields[]).filter(isBare).map(({ name }) => name));
  const isLegacy = Array.isArray(chat['functions']) && !Array.isArray(chat['tools']);
  const answer = new OverResponsesAnswer(plan.publishedName, usageAsked, form, { takingNothing, isLegacy });
  const rights = toolRights(plan.endpoint, plan.target);
  const offered = fixesTools ? noTools : offeredTools(request['tools'], request['tool_choice'], rights);
  const kept = offered.kept === undefined ? {} : { tools: offered.kept };
  const choice = offered.choice === undefined ? {} : { tool_choice: offered.choice };
  return {
    ...plan,
    path: plan.target.paths.responses,
    memberNames: memberNames(chat),
    body: Buffer.from(printExact({ ...request, ...kept, ...choice })),
    answer,
    streamed: plan.streamed === undefined ? undefined : answer,
    inputMoved: true,
    hidden: [...plan.hidden, ...offered.secrets],
    replyHeaders: leftOutReply([...leftOut, ...offered.leftOut]) ?? {},
  };
}

function isBare(tool: Fields): boolean {
  return tool['type'] === 'function' && takesNothing(tool);
}
