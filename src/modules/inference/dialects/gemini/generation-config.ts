import { givenMembers, isGiven, type Fields } from '../../../../kernel/fields.js';
import { numberOf } from '../../wire/exact-json.js';
import type { AskedChat } from '../asked/asked-chat.js';
import type { GeminiModel } from './gemini-model.js';
import { geminiSchema } from './gemini-schema.js';
import { thinkingConfig } from './thinking-config.js';

/** How an answer is to be made. */
export interface GenerationConfig {
  readonly config: Fields;
  /** Hints that this model does not take. */
  readonly leftOut: readonly string[];
}

/** @throws AppError invalid_value. */
export function generationConfig(chat: Fields, asked: AskedChat, model: GeminiModel): GenerationConfig {
  const { reasoning_effort: effort, seed } = chat;
  const leftOut: string[] = [];
  const hint = <T>(name: string, isTaken: boolean, value: T): T | undefined => {
    if (!isGiven(value) || isTaken) return value;
    leftOut.push(name);
    return undefined;
  };
  const thinking = isGiven(effort) ? thinkingConfig(effort, model) : undefined;
  hint('reasoning_effort', thinking !== undefined, effort);
  const takesPenalties = model.generation !== '2.5';
  const config = givenMembers({
    ...formatConfig(asked),
    maxOutputTokens: asked.maxTokens,
    temperature: chat['temperature'],
    topP: chat['top_p'],
    topK: chat['top_k'],
    stopSequences: asked.stop.length === 0 ? undefined : asked.stop,
    seed: hint('seed', isInt32(seed), seed),
    presencePenalty: hint('presence_penalty', takesPenalties, chat['presence_penalty']),
    frequencyPenalty: hint('frequency_penalty', takesPenalties, chat['frequency_penalty']),
    thinkingConfig: thinking,
  });
  return { config, leftOut };
}

/** `responseJsonSchema` takes JSON schema; the older `responseSchema` knows only a part of OpenAPI's. */
function formatConfig({ format }: AskedChat): Fields {
  if (format === 'text') return {};
  const json = { responseMimeType: 'application/json' };
  return format === 'json' ? json : { ...json, responseJsonSchema: geminiSchema(format.schema) };
}

function isInt32(value: unknown): boolean {
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) && number === (number | 0);
}
