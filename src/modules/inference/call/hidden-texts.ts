import type { AgentSpec } from '../../../contracts/agent-spec.js';
import type { PromptPolicy } from '../../../contracts/prompt-policy.js';
import { AppError } from '../../../kernel/app-error.js';
import { findMember, type JsonBody } from '../wire/json-body.js';

/** How much of a text must stand in a provider's sentence to be known again; shorter texts are no secret. */
const tellingCharacters = 40;
const leastCharacters = 8;

/** What goes to a provider and may never come back to the caller (contract section 5): instructions of agent and key. */
export function hiddenTexts(agent: AgentSpec | null, policy: PromptPolicy | null): readonly string[] {
  return [agent?.instructions ?? '', policy?.instructions ?? ''].filter((text) => text !== '');
}

/**
 * @param names fields with which a provider repeats what it was sent.
 * @throws AppError unsupported_parameter for a request that has one of them.
 */
export function refuseRepeating(names: readonly string[], body: JsonBody): void {
  for (const name of names) {
    const member = findMember(body.scan, name);
    if (member === undefined || member.kind === 'null' || member.kind === 'false') continue;
    throw new AppError('unsupported_parameter', {
      param: name,
      message: `Unsupported parameter: '${name}' is not supported with this model.`,
    });
  }
}

/** True when a provider's sentence quotes one of the texts, whole or from its beginning. */
export function quotesHidden(message: string, hidden: readonly string[]): boolean {
  return hidden.some(
    (text) => text.trim().length >= leastCharacters && message.includes(text.trim().slice(0, tellingCharacters)),
  );
}
