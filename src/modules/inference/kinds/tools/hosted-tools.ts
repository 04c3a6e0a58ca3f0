import type { HostedTool } from '../../../../contracts/agents.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';

/** A tool that its provider runs itself; those that search files cannot be allowed yet. */
export type HostedFamily = HostedTool | 'file_search';

/** A version may stand behind a type (`web_search_preview_2025_03_11`). */
const families = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'mcp'] as const;

/** Members of a tool that hold an address or a credential. */
const reaching = ['server_url', 'connector_id', 'tunnel_id', 'authorization', 'headers'] as const;

/** Members of a tool that describe where it runs, and with which network. */
const rooms = ['container', 'environment'] as const;

/** The hosted tool that this is, or that this choice asks for; undefined for a tool that the client runs. */
export function hostedFamily({ type, environment }: Fields): HostedFamily | undefined {
  if (typeof type !== 'string') return undefined;
  if (type === 'shell') return isFields(environment) && environment['type'] !== 'local' ? 'shell' : undefined;
  return families.find((name) => type === name || type.startsWith(`${name}_`));
}

/** True for a tool that names an address or holds a credential, in whichever member. */
export function reachesOut(tool: Fields): boolean {
  return reaching.some((name) => isGiven(tool[name])) || rooms.some((name) => networkOf(tool[name]) !== undefined);
}

/** The credentials that a tool holds, as texts that nobody may be told. */
export function secretsOf(tool: Fields): string[] {
  const { authorization, headers, server_url: address } = tool;
  const inAddress = typeof address === 'string' && holdsMore(address) ? address : undefined;
  const own = [authorization, inAddress, ...(isFields(headers) ? Object.values(headers) : [])];
  const inRooms = rooms.flatMap((name) => {
    const secrets = networkOf(tool[name])?.['domain_secrets'];
    return Array.isArray(secrets) ? (secrets as unknown[]).filter(isFields).map(({ value }) => value) : [];
  });
  return [...own, ...inRooms].filter((text) => typeof text === 'string');
}

/** The tool as it may be kept and shown: without credentials, and its address without what may be one. */
export function withoutSecrets(tool: Fields): Fields {
  if (!reachesOut(tool)) return tool;
  const { authorization: _authorization, headers: _headers, ...shown } = tool;
  const inRooms = rooms.flatMap((name): [string, Fields][] => {
    const room = tool[name];
    const network = networkOf(room);
    if (!isFields(room) || network === undefined) return [];
    const { domain_secrets: _secrets, ...rest } = network;
    return [[name, { ...room, network_policy: rest }]];
  });
  const { server_url: address } = tool;
  return {
    ...shown,
    ...Object.fromEntries(inRooms),
    ...(typeof address === 'string' ? { server_url: bareAddress(address) } : {}),
  };
}

function networkOf(room: unknown): Fields | undefined {
  const network = isFields(room) ? room['network_policy'] : undefined;
  return isFields(network) && network['type'] !== 'disabled' ? network : undefined;
}

/** An address without user, password, query and fragment; nothing where it is none. */
function bareAddress(address: string): string {
  if (!URL.canParse(address)) return '';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

/** True for an address with a user, a password or a query, which may be a credential. */
function holdsMore(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { username, password, search } = new URL(address);
  return [username, password, search].some((part) => part !== '');
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
