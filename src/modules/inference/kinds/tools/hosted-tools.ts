import type { HostedTool } from '../../../../contracts/agent-spec.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { networkOf, rooms } from '../../../conversations/tool-secrets.js';

/** A tool that its provider runs itself; those that search files the platform runs. */
export type HostedFamily = HostedTool | 'file_search';

/** A version may stand behind a type (`web_search_preview_2025_03_11`). */
const families = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'mcp'] as const;

/** The hosted tool that this is, or that this choice asks for; undefined for a tool that the client runs. */
export function hostedFamily({ type, environment }: Fields): HostedFamily | undefined {
  if (typeof type !== 'string') return undefined;
  if (type === 'shell') return isFields(environment) && environment['type'] !== 'local' ? 'shell' : undefined;
  return families.find((name) => type === name || type.startsWith(`${name}_`));
}

/** The tools that a tool holds, as a namespace does. */
export function innerTools({ tools }: Fields): readonly Fields[] {
  return Array.isArray(tools) ? (tools as unknown[]).filter(isFields) : [];
}

/** The credentials that a tool holds, and those of the tools in it, as texts that nobody may be told. */
export function secretsOf(tool: Fields): string[] {
  const { authorization, headers, server_url: address } = tool;
  const inAddress = typeof address === 'string' && holdsMore(address) ? address : undefined;
  const own = [authorization, inAddress, ...(isFields(headers) ? Object.values(headers) : [])];
  const inRooms = rooms.flatMap((name) => {
    const secrets = networkOf(tool[name])?.['domain_secrets'];
    return Array.isArray(secrets) ? (secrets as unknown[]).filter(isFields).map(({ value }) => value) : [];
  });
  const inTools = innerTools(tool).flatMap(secretsOf);
  return [...own, ...inRooms, ...inTools].filter((text) => typeof text === 'string');
}

/** True for an address with a user, a password or a query, which may be a credential. */
function holdsMore(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { username, password, search } = new URL(address);
  return [username, password, search].some((part) => part !== '');
}
