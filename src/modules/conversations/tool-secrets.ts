import { isFields, isGiven, type Fields } from '../../kernel/fields.js';

/** Members of a tool that hold an address or a credential. */
const reaching = ['server_url', 'connector_id', 'tunnel_id', 'authorization', 'headers'] as const;

/** Members of a tool that describe where it runs, and with which network. */
export const rooms = ['container', 'environment'] as const;

/** True for a tool that names an address or holds a credential, in whichever member. */
export function reachesOut(tool: Fields): boolean {
  return reaching.some((name) => isGiven(tool[name])) || rooms.some((name) => networkOf(tool[name]) !== undefined);
}

/** What holds tools, a response or an item that brings some, as it may be kept and shown: without credentials. */
export function withoutToolSecrets<T extends Fields>(holder: T): T {
  const { tools } = holder;
  if (!Array.isArray(tools)) return holder;
  const shown = (tools as unknown[]).map((tool) => (isFields(tool) ? withoutSecrets(tool) : tool));
  return { ...holder, tools: shown };
}

/** The tool as it may be kept and shown, and those that it holds: without credentials, its address without what may be one. */
function withoutSecrets(given: Fields): Fields {
  const tool = withoutToolSecrets(given);
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

/** What a tool's room says of its network; undefined where it has none. */
export function networkOf(room: unknown): Fields | undefined {
  const network = isFields(room) ? room['network_policy'] : undefined;
  return isFields(network) && network['type'] !== 'disabled' ? network : undefined;
}

/** An address without user, password, query and fragment; nothing where it is none. */
function bareAddress(address: string): string {
  if (!URL.canParse(address)) return '';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}
