import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import { findMember, readMember, type JsonBody } from '../../wire/json-body.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { membersAt, walkPlaces, type Place } from '../../wire/json-places.js';
import { noTools, offeredTools, readTools, type OfferedTools } from '../tools/offered-tools.js';

type Chosen = Pick<ChosenEndpoint, 'endpoint'>;

/** What asks a chat provider to search the web. */
export const searchOptions = 'web_search_options';

/** True where a client may have the provider search the web. */
export function allowsSearch({ endpoint }: Chosen): boolean {
  return endpoint.agent?.hosted_tools?.includes('web_search') === true;
}

/** True for a member that says something. */
export function isGiven(member: ScannedMember | undefined): boolean {
  return member !== undefined && member.kind !== 'null' && member.kind !== 'false';
}

const kinds: Place<'type'> = membersAt({ tools: { elements: membersAt({ type: { holds: 'type' } }) } });
/** What a client runs itself. */
const ofClient: ReadonlySet<string> = new Set(['function', 'custom']);

/**
 * The tools of a chat, under the rule of every door: what its provider would run, or reach, goes on only where the agent
 * allows it. Only a body that names more than functions is parsed for it.
 * @throws AppError unsupported_parameter, invalid_value.
 */
export function chatTools(body: JsonBody, { endpoint }: Chosen): OfferedTools {
  if (!body.scan.watchedNameSeen && !namesOthers(body)) return noTools;
  const member = findMember(body.scan, 'tool_choice');
  const choice = member === undefined ? undefined : readMember(body.bytes, member);
  // Which tools a provider of chats runs nobody can tell beforehand.
  return offeredTools(readTools(body), choice, { allowed: endpoint.agent?.hosted_tools ?? [], served: true });
}

function namesOthers({ bytes, scan }: JsonBody): boolean {
  if (findMember(scan, 'tools')?.kind !== 'array') return false;
  let found = false;
  walkPlaces(bytes, scan.start, kinds, (_kind, type) => {
    found = !ofClient.has(type);
    return !found;
  });
  return found;
}
