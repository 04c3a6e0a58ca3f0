import type { ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { JsonBody } from '../../wire/json-body.js';
import type { ScannedMember } from '../../wire/json-scan.js';
import { offeredTools, readTools } from '../tools/offered-tools.js';

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

/**
 * Chat providers have tools of their own forms, which pass; but none that reaches an address, unless the agent allows it.
 * Asked only for a body in which a name of such a member was seen.
 * @returns the credentials in the tools, which nobody may be told.
 * @throws AppError unsupported_parameter, invalid_value.
 */
export function reachingTools(body: JsonBody, { endpoint }: Chosen): readonly string[] {
  return offeredTools(readTools(body), undefined, { allowed: endpoint.agent?.hosted_tools ?? [], served: true }).secrets;
}
