import type { Fields } from '../../../../kernel/fields.js';
import { withoutSaid } from '../../../conversations/said-in-chat.js';
import { isPlatformSealed } from '../../call/content-seals.js';
import { noFiles, withFiles } from '../../call/named-files.js';
import type { Additions } from '../../call/dialogue.js';
import { estimateTokens } from '../../call/token-estimate.js';
import { fittingItems } from '../../call/fitting-items.js';
import { printExact } from '../../wire/exact-json.js';
import { findMember } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import { usableInput } from '../tools/offered-input.js';
import { toolRights } from '../tools/offered-tools.js';
import { responseEdits } from './agent-parameters.js';
import { ResponsesAnswer } from './responses-answer.js';
import type { ResponseSaid } from './response-said.js';
import { namesObject } from './provider-names.js';
import { sharedItems } from '../chat/opened-items.js';
import { isGiven, referenceOf, type ResponsesRequest } from './responses-request.js';
import { inOrder, isNotBefore, type AskedResponse, type SentRequest } from './sent-request.js';

/** Members that say what the platform does, not the provider. */
export const ownMembers = ['previous_response_id', 'conversation', 'background', 'truncation'] as const;
/** What `include` names the reasoning that a provider has sealed. */
export const encryptedReasoning = 'reasoning.encrypted_content';
const no = Buffer.from('false');
/** Items of tools that providers run, which have no form without an id: answers to them name it. */
const ofProvider: ReadonlySet<unknown> = new Set([
  'code_interpreter_call',
  'file_search_call',
  'image_generation_call',
  'mcp_approval_request',
  'mcp_call',
  'mcp_list_tools',
  'web_search_call',
]);

/** The request to a provider that speaks Responses: its own bytes, with what changes. */
export function sentUnchanged(response: AskedResponse, said: ResponseSaid, additions: Additions): SentRequest {
  const { asked, target, tools, request } = response;
  const { bytes, scan } = asked.body;
  const sent = sentInput(response, additions);
  return {
    path: target.paths.responses,
    body: spliceBody(bytes, scan, changesOf(response, sent?.input), request.bodyRoom),
    answer: new ResponsesAnswer(said),
    inputMoved: sent?.isMoved ?? false,
    leftOut: tools.leftOut,
    itemsLeftOut: sent?.leftOut ?? [],
  };
}

/** What changes in the request's own bytes. */
export function changesOf(response: AskedResponse, input: Buffer | undefined): Edit[] {
  const { asked, target, endpoint, tools } = response;
  const { body } = asked;
  const changed = new Map<string, Edit>();
  const set = (key: string, value: Buffer): unknown => changed.set(key, { op: 'set', key, value });
  for (const { key } of body.scan.members) if (target.connection.droppedFields.has(key)) changed.set(key, { op: 'remove', key });
  for (const edit of responseEdits(endpoint.agent, body.scan)) changed.set(edit.key, edit);
  for (const key of ownMembers) if (findMember(body.scan, key) !== undefined) changed.set(key, { op: 'remove', key });
  set('model', target.encodedModel);
  set('store', no);
  const instructions = response.instructions();
  if (instructions !== undefined && instructions !== asked.instructions)
    set('instructions', Buffer.from(JSON.stringify(instructions)));
  if (input !== undefined) set('input', input);
  // Tools that the agent itself fixes are its own matter.
  if (tools.kept !== undefined && !changed.has('tools')) set('tools', Buffer.from(printExact(tools.kept)));
  if (tools.choice !== undefined && !changed.has('tool_choice')) set('tool_choice', Buffer.from(printExact(tools.choice)));
  if (needsEncrypted(asked)) set('include', Buffer.from(JSON.stringify([...asked.include, encryptedReasoning])));
  return [...changed.values()];
}

/** The input of a request to a provider, where it is written anew. */
interface SentInput {
  readonly input: Buffer;
  /** The items do not stand where the client has put them. */
  readonly isMoved: boolean;
  readonly leftOut: readonly string[];
}

/** The input with what stands before it; undefined where it goes on as it was written. */
export function sentInput(response: AskedResponse, additions: Additions): SentInput | undefined {
  const { context, history = [], earlier = [], files = noFiles } = additions;
  const { asked, given } = response;
  const { input } = asked;
  const room = response.room(context) ?? Infinity;
  const hasOwnAlone = context?.text === undefined && earlier.length === 0 && history.length === 0;
  const isAsWritten =
    typeof input === 'string' ||
    (given === input && files.size === 0 && input.every(isSentAsGiven) && estimateTokens(input) <= room);
  if (hasOwnAlone && isAsWritten) return undefined;
  const { items, leftOut } = toldItems(response, additions);
  const isMoved = !hasOwnAlone || items.length !== input.length;
  return { input: Buffer.from(printExact(items)), isMoved, leftOut };
}

/** All that the provider is told, as it gets it, and types of items that are left out. */
export function toldItems(
  response: AskedResponse,
  additions: Additions,
): { readonly items: readonly Fields[]; readonly leftOut: readonly string[] } {
  const { context, history = [], earlier = [], referenced, files = noFiles } = additions;
  const isMeant = isNotBefore(response, additions);
  const own = response.given.flatMap((item, at) => {
    const kept = referenced?.get(referenceOf(item) ?? '');
    return isMeant(at) ? [kept === undefined ? item : response.kept.read(kept)] : [];
  });
  const before = earlier.map((item) => response.kept.read(item));
  const said = inOrder<Fields>(response, before, history, own);
  const all = usableInput(said, toolRights(response.endpoint, response.target)).map((item) => withFiles(item, files));
  const named = response.names.opened(all);
  const { items, leftOut } = sharedItems(named.items, response.seals);
  const room = response.room(context);
  const quoted = context?.text === undefined ? [] : [{ type: 'message', role: 'developer', content: context.text }];
  const told = [...quoted, ...(room === undefined ? items : fittingItems(items, room))];
  return { items: told.map(sentItem), leftOut: [...new Set([...named.leftOut, ...leftOut])] };
}

/** A reasoning model goes on from its reasoning, which the provider does not keep: it is kept here, sealed by the provider. */
function needsEncrypted(asked: ResponsesRequest): boolean {
  const keeps = asked.store || asked.conversation !== undefined;
  return keeps && isGiven(asked.body, 'reasoning') && !asked.include.includes(encryptedReasoning);
}

/**
 * An item as a provider gets it: without its id, which is the platform's and means nothing there, and with which a provider
 * would not recognise its own encrypted reasoning; without members of the platform.
 */
function sentItem(item: Fields): Fields {
  const { id, ...rest } = withoutSaid(item);
  return id === undefined || ofProvider.has(item['type']) ? withoutSaid(item) : rest;
}

/** True for an item that goes on as it is. */
function isSentAsGiven(item: Fields): boolean {
  return item['id'] === undefined && !isPlatformSealed(item['encrypted_content']) && !namesObject(item);
}
