import type { AgentSpec } from '../../../contracts/agent-spec.js';
import type { Edit } from '../wire/json-edit.js';
import type { ScannedObject } from '../wire/json-scan.js';
import type { JsonKind } from '../wire/json-values.js';

interface EncodedParameter {
  readonly key: string;
  readonly value: Buffer;
  readonly pinned: boolean;
}

/** Names that say the same to a provider; it refuses both at once. */
const sameMeaning: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
};

const encodedParameters = new WeakMap<AgentSpec, readonly EncodedParameter[]>();

/**
 * The edits that bring an agent's parameters into a body: a default where the request says nothing (`null` says nothing),
 * a pinned one always. A pinned name without a value takes the request's own value out.
 */
export function parameterEdits(agent: AgentSpec, scan: ScannedObject): Edit[] {
  const edits: Edit[] = [];
  for (const { key, value, pinned } of encode(agent)) {
    const other = sameMeaning[key];
    const there = other === undefined ? undefined : kindOf(scan, other);
    if (!pinned && (saysSomething(there) || saysSomething(kindOf(scan, key)))) continue;
    edits.push({ op: 'set', key, value });
    if (other !== undefined && there !== undefined) edits.push({ op: 'remove', key: other });
  }
  for (const key of agent.pinned) {
    if (key in agent.parameters || kindOf(scan, key) === undefined || edits.some((edit) => edit.key === key)) continue;
    edits.push({ op: 'remove', key });
  }
  return edits;
}

function encode(agent: AgentSpec): readonly EncodedParameter[] {
  let parameters = encodedParameters.get(agent);
  if (parameters === undefined) {
    const pinned = new Set(agent.pinned);
    parameters = Object.entries(agent.parameters).map(([key, value]) => ({
      key,
      value: Buffer.from(JSON.stringify(value)),
      pinned: pinned.has(key),
    }));
    encodedParameters.set(agent, parameters);
  }
  return parameters;
}

function kindOf(scan: ScannedObject, key: string): JsonKind | undefined {
  return scan.members.find((member) => member.key === key)?.kind;
}

function saysSomething(kind: JsonKind | undefined): boolean {
  return kind !== undefined && kind !== 'null';
}
