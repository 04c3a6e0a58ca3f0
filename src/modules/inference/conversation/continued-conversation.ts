import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../../kernel/app-error.js';
import {
  conversationHeader,
  conversationNamed,
  conversationOfSession,
  noConversation,
  type ConversationName,
} from '../../conversations/conversation-name.js';
import type { CallDraft } from '../call/call-plan.js';
import type { Dialogue } from '../call/dialogue.js';
import type { InferenceRequest } from '../call/inference-request.js';
import type { KindFacts } from '../call/kind-facts.js';
import { invalid } from '../call/request-body.js';

const sessionHeaders = ['x-gt-session-key', 'x-openclaw-session-key'] as const;

/** The conversation that the call's header names. An empty header is none. @throws AppError invalid_value. */
export function namedByHeader(kind: KindFacts, headers: IncomingHttpHeaders): ConversationName | undefined {
  const value = headers[conversationHeader];
  return value === undefined || value === '' || !kind.isDialogue
    ? undefined
    : conversationNamed(String(value), conversationHeader);
}

/**
 * The conversation that the call continues: the one that its header or the request itself names, else that of its session,
 * where its agent has sessions on. Where the tenant has switched conversations off there is none.
 * @throws AppError not_found when it is then named by an id of ours; invalid_value for two names of two conversations, or
 *   of two sessions.
 */
export function continuedBy(
  byHeader: ConversationName | undefined,
  draft: CallDraft,
  request: InferenceRequest,
): ConversationName | undefined {
  const named = namedConversation(byHeader, draft.dialogue);
  const session = draft.dialogue === undefined ? '' : sessionByHeader(request.headers);
  if (named === undefined && draft.endpoint.agent?.sessions !== true) return undefined;
  if (!request.identity.tenant.groupsOff.has('conversations')) return named ?? sessionOf(draft, session);
  if (named?.kind === 'own') throw noConversation(named.param);
  return undefined;
}

/** The session that a header names, whether or not it counts; empty for none. @throws AppError invalid_value for two different ones. */
function sessionByHeader(headers: IncomingHttpHeaders): string {
  const [ours = '', theirs = ''] = sessionHeaders.map((name) => headers[name]?.toString());
  if (ours !== '' && theirs !== '' && ours !== theirs)
    throw invalid(sessionHeaders[0], `${sessionHeaders.join(' and ')} name two different sessions`);
  return ours === '' ? theirs : ours;
}

/** The session that a header names, or OpenAI's `user`. */
function sessionOf({ dialogue }: CallDraft, byHeader: string): ConversationName | undefined {
  if (dialogue?.allowsSession !== true) return undefined;
  const session = byHeader === '' ? (dialogue.user ?? '') : byHeader;
  return session === '' ? undefined : conversationOfSession(session);
}

/** @throws AppError invalid_value where header and request name two conversations. */
function namedConversation(byHeader: ConversationName | undefined, dialogue: Dialogue | undefined): ConversationName | undefined {
  const named = dialogue?.conversation;
  // The items of the chain would stand there twice, or beside another talk.
  if (byHeader !== undefined && dialogue?.previousResponseId !== undefined)
    throw invalid('previous_response_id', `it cannot be combined with ${conversationHeader}`);
  if (byHeader === undefined || named === undefined) return byHeader ?? named;
  if (nameOf(byHeader) === nameOf(named)) return named;
  const message = `The header ${conversationHeader} and the member 'conversation' name two different conversations.`;
  throw new AppError('invalid_value', { param: 'conversation', message });
}

function nameOf(name: ConversationName): string {
  return name.kind === 'own' ? name.id : name.foreignId;
}
