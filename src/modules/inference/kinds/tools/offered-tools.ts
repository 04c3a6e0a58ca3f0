import type { HostedTool } from '../../../../contracts/agent-spec.js';
import type { ModelTarget, PublishedEndpoint } from '../../../agents/published-endpoint.js';
import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { reachesOut } from '../../../conversations/tool-secrets.js';
import { jsonSize } from '../../../../kernel/json-size.js';
import { invalid } from '../../call/request-body.js';
import { readExact } from '../../wire/exact-json.js';
import { findMember, readMember, type JsonBody } from '../../wire/json-body.js';
import { hostedFamily, innerTools, secretsOf, type HostedFamily } from './hosted-tools.js';

/** The header of a reply that names the tools that were left out, by their types. */
const leftOutHeader = 'x-gt-tools-left-out';

/** The tools of a request: those that go on, and the types of those that are left out. */
export interface OfferedTools {
  /** Undefined where all go on. */
  readonly kept: readonly Fields[] | undefined;
  readonly leftOut: readonly string[];
  /** `tool_choice` without the tools that are left out; undefined where it goes on as it was given. */
  readonly choice: Fields | undefined;
  /** The credentials in the tools, which nobody may be told. */
  readonly secrets: readonly string[];
}

/** Which hosted tools a call may use. */
export interface ToolRights {
  /** Those that its agent allows. */
  readonly allowed: readonly HostedTool[];
  /** The provider's wire has a form for them: what is allowed and not served is left out. */
  readonly served: boolean;
}

/** What an agent allows over this wire. A raw model has no agent, and allows none. */
export function toolRights({ agent }: Pick<PublishedEndpoint, 'agent'>, { connection }: ModelTarget): ToolRights {
  return { allowed: agent?.hosted_tools ?? [], served: connection.wire !== 'chat' };
}

/** What becomes of a tool by itself, whatever it holds: one that may not be named at all is refused. */
function verdictOn(tool: Fields, { allowed, served }: ToolRights): 'goes on' | 'left out' | 'refused' {
  const family = hostedFamily(tool);
  if ((family === 'mcp' || reachesOut(tool)) && !allowed.includes('mcp')) return 'refused';
  return family === undefined || (served && allowed.some((name) => name === family)) ? 'goes on' : 'left out';
}

/** True for a tool that a call may use, with all that it holds. */
export function mayUse(tool: Fields, rights: ToolRights): boolean {
  return verdictOn(tool, rights) === 'goes on' && innerTools(tool).every((inner) => mayUse(inner, rights));
}

/** So many values may the tools of a request have: reading them is one step of the event loop. */
const maxValues = 100_000;

/** The tools of a body with their numbers as they were written; undefined where there are none. @throws AppError invalid_value. */
export function readTools({ bytes, scan }: JsonBody): unknown {
  const member = findMember(scan, 'tools');
  if (member === undefined || member.kind === 'null') return undefined;
  const { valueStart, valueEnd } = member;
  if (jsonSize(bytes, maxValues, valueStart, valueEnd).values > maxValues)
    throw invalid('tools', `they have more than ${maxValues} values`);
  return readExact(bytes.subarray(valueStart, valueEnd), readMember(bytes, member));
}

/** A request without tools. */
export const noTools: OfferedTools = { kept: undefined, leftOut: [], choice: undefined, secrets: [] };

/**
 * Leaves out the hosted tools that the agent does not allow: clients name them by habit, and refusing the call would break
 * them. A call that depends on one is refused.
 * @param tools the value of `tools`.
 * @param choice the value of `tool_choice`.
 * @param param the place of the tools in the request.
 * @throws AppError unsupported_parameter for a tool that reaches an address or holds a credential where `mcp` is not allowed,
 * and where `tool_choice` asks for a tool that is left out; invalid_value for what is no list of tools.
 */
export function offeredTools(tools: unknown, choice: unknown, rights: ToolRights, param = 'tools'): OfferedTools {
  if (tools === undefined || tools === null) return noTools;
  const offer = new Offer(rights);
  const kept = offer.keptOf(tools, param);
  const secrets = kept.flatMap(secretsOf);
  const { leftOut, missing } = offer;
  if (leftOut.length === 0) return { ...noTools, secrets };
  return { kept, leftOut, secrets, choice: choiceWithout(choice, missing, kept.length === 0) };
}

/** Judges the tools of one request, and those that they hold. */
class Offer {
  readonly leftOut: string[] = [];
  readonly missing = new Set<HostedFamily>();

  constructor(private readonly rights: ToolRights) {}

  /** The tools that go on. */
  keptOf(tools: unknown, param: string): Fields[] {
    if (!Array.isArray(tools)) throw invalid(param, 'expected an array');
    return (tools as unknown[]).flatMap((tool, at) => this.kept(tool, `${param}[${at}]`));
  }

  private kept(tool: unknown, place: string): Fields[] {
    if (!isFields(tool) || typeof tool['type'] !== 'string') throw invalid(place, "expected an object with a 'type'");
    const { type } = tool;
    const verdict = verdictOn(tool, this.rights);
    if (verdict === 'refused')
      throw unsupported(place, `Unsupported tool: '${type.slice(0, 64)}' is not allowed for this model.`);
    if (verdict === 'left out') {
      const family = hostedFamily(tool);
      this.leftOut.push(type);
      if (family !== undefined) this.missing.add(family);
      return [];
    }
    const inner = innerTools(tool);
    if (inner.length === 0) return [tool];
    const before = this.leftOut.length;
    const left = this.keptOf(inner, `${place}.tools`);
    if (this.leftOut.length === before) return [tool];
    return left.length === 0 ? [] : [{ ...tool, tools: left }];
  }
}

/**
 * The header of a reply from which tools were left out; undefined where none was.
 * @param types as the client has written them: what no header can hold is left out.
 */
export function leftOutReply(types: readonly string[]): Record<string, string> | undefined {
  const names = [...new Set(types)].map((type) => type.replace(/[^\x21-\x2b\x2d-\x7e]/g, '').slice(0, 64)).slice(0, 64);
  return types.length === 0 ? undefined : { [leftOutHeader]: names.join(', ') };
}

/** Refuses a choice that depends on a tool that is left out: alone, in a list of which nothing is left, or as any tool. */
function choiceWithout(choice: unknown, missing: ReadonlySet<HostedFamily>, noneLeft: boolean): Fields | undefined {
  if (choice === 'required' && noneLeft) throw unavailable('required');
  if (!isFields(choice)) return undefined;
  const isMissing = (named: unknown): boolean => isFields(named) && isOf(missing, named);
  if (isMissing(choice)) throw unavailable(choice['type']);
  const { type, tools } = choice;
  if (type !== 'allowed_tools' || !Array.isArray(tools)) return undefined;
  const named = tools as unknown[];
  const left = named.filter((tool) => !isMissing(tool));
  const [first] = named;
  if (left.length === 0 && named.length > 0) throw unavailable(isFields(first) ? first['type'] : 'allowed_tools');
  return left.length === named.length ? undefined : { ...choice, tools: left };
}

/** A choice names a shell without saying where it runs. */
function isOf(missing: ReadonlySet<HostedFamily>, named: Fields): boolean {
  const family = named['type'] === 'shell' ? 'shell' : hostedFamily(named);
  return family !== undefined && missing.has(family);
}

function unavailable(type: unknown): AppError {
  return unsupported('tool_choice', `The tool '${String(type).slice(0, 64)}' is not available with this model.`);
}

function unsupported(param: string, message: string): AppError {
  return new AppError('unsupported_parameter', { param, message });
}
