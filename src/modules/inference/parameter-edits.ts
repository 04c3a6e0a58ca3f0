import type { AgentSpec } from '../../contracts/agents.js';
import type { Edit } from './wire/json-edit.js';
import type { ScannedObject } from './wire/json-scan.js';

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
 * The edits that bring an agent's parameters into a body: a default where the request says nothing, a pinned one
 * always. A pinned name without a value takes the request's own value out.
 */
export function parameterEdits(agent: AgentSpec, scan: ScannedObject): Edit[] {
  const edits: Edit[] = [];
  for (const { key, value, pinned } of encode(agent)) {
    const other = sameMeaning[key];
    const saysOther = other !== undefined && holds(scan, other);
    if (pinned) {
      edits.push({ op: 'set', key, value });
      if (saysOther) edits.push({ op: 'remove', key: other });
    } else if (!saysOther && !holds(scan, key)) edits.push({ op: 'set', key, value });
  }
  for (const key of agent.pinned) if (!(key in agent.parameters) && holds(scan, key)) edits.push({ op: 'remove', key });
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

function holds(scan: ScannedObject, key: string): boolean {
  return scan.members.some((member) => member.key === key);
}
