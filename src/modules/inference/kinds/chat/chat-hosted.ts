import type { Fields } from '../../../../kernel/fields.js';
import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import { findMember, readMember, type JsonBody } from '../../wire/json-body.js';
import { printExact } from '../../wire/exact-json.js';
import type { Edit } from '../../wire/json-edit.js';
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

/** What changes in a chat of whose tools only these go on. Without any nothing may be said of them. */
export function toolEdits({ scan }: JsonBody, kept: readonly Fields[], choice: Fields | undefined): Edit[] {
  const set = (key: string, value: unknown): Edit => ({ op: 'set', key, value: Buffer.from(printExact(value)) });
  if (kept.length > 0) return [set('tools', kept), ...(choice === undefined ? [] : [set('tool_choice', choice)])];
  const unsaid = ['tools', 'tool_choice', 'parallel_tool_calls'].filter((key) => findMember(scan, key) !== undefined);
  return unsaid.map((key): Edit => ({ op: 'remove', key }));
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
