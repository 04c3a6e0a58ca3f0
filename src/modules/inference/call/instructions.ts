import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import type { AgentSpec } from '../../../contracts/agent-spec.js';

const agentMessages = new WeakMap<AgentSpec, Buffer>();
const policyMessages = new WeakMap<PromptPolicy, Buffer>();

/**
 * The messages that stand before the caller's: the key's prompt policy on top, then the agent's instructions. Encoded
 * JSON with commas between, undefined when there are none. Encoded once for each revision and policy.
 */
export function instructionMessages(agent: AgentSpec | null, policy: PromptPolicy | null): Buffer | undefined {
  const own =
    agent === null || agent.instructions === ''
      ? undefined
      : encoded(agentMessages, agent, agent.instructions_role, agent.instructions);
  const top =
    policy?.instructions === undefined || policy.instructions === ''
      ? undefined
      : encoded(policyMessages, policy, 'system', policy.instructions);
  if (own === undefined || top === undefined) return own ?? top;
  return Buffer.concat([top, Buffer.from(','), own]);
}

/** The same as plain text, for prompts that are no messages; empty when there are none. */
export function instructionText(agent: AgentSpec | null, policy: PromptPolicy | null): string {
  return [policy?.instructions ?? '', agent?.instructions ?? ''].filter((text) => text !== '').join('\n\n');
}

function encoded<K extends object>(cache: WeakMap<K, Buffer>, holder: K, role: string, content: string): Buffer {
  let bytes = cache.get(holder);
  if (bytes === undefined) {
    bytes = Buffer.from(JSON.stringify({ role, content }));
    cache.set(holder, bytes);
  }
  return bytes;
}
