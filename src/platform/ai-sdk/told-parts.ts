import type { LanguageModelV3StreamPart, SharedV3Warning } from '@ai-sdk/provider';
import type { Fields } from '../../kernel/fields.js';

/**
 * A part of a model's stream as JSON; undefined for one that says nothing of the answer. An error is told by its kind alone,
 * since it may hold what was asked: `unknown` where the provider has sent something that the package does not know and has gone
 * over, `unreadable` for what is no JSON, `provider` for one that the provider has told.
 */
export function toldPart(part: LanguageModelV3StreamPart): Fields | undefined {
  switch (part.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-input-delta':
    case 'tool-input-start':
    case 'tool-call':
    case 'finish':
      return part;
    case 'error':
      return { type: 'error', is: errorKind(part.error) };
    default:
      return undefined;
  }
}

function errorKind(error: unknown): 'unknown' | 'unreadable' | 'provider' {
  const name = error instanceof Error ? error.name : '';
  if (name === 'AI_TypeValidationError') return 'unknown';
  return name === 'AI_JSONParseError' ? 'unreadable' : 'provider';
}

/** Options of a call by the members of a chat that they are. */
const members: ReadonlyMap<string, string> = new Map([
  ['maxOutputTokens', 'max_completion_tokens'],
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['stopSequences', 'stop'],
  ['seed', 'seed'],
  ['responseFormat', 'response_format'],
  ['toolChoice', 'tool_choice'],
  ['tools', 'tools'],
]);

/** The members of the request that a package has left out, or changed, and warns of. */
export function leftOut(warnings: readonly SharedV3Warning[]): readonly string[] {
  const named = warnings.flatMap((warning) => ('feature' in warning ? [members.get(warning.feature)] : []));
  return [...new Set(named)].filter((name) => name !== undefined);
}
