import { isGiven, type Fields } from '../../../../kernel/fields.js';
import type { AskedChat } from '../asked/asked-chat.js';
import { geminiModel } from '../gemini/gemini-model.js';
import { thinkingConfig } from '../gemini/thinking-config.js';

/** What a package takes in options of its own, and the hints for which it has none. @throws AppError invalid_value. */
export type OwnOptions = (
  chat: Fields,
  asked: AskedChat,
) => { readonly options: Fields | undefined; readonly leftOut: readonly string[] };

/** Bedrock serves models of many makers, which know no common effort. */
export const bedrockOptions: OwnOptions = (chat, asked) => ({
  options: undefined,
  leftOut: [...hintOfEffort(chat), ...hintOfParallel(asked)],
});

export const cohereOptions: OwnOptions = (chat, asked) => {
  const { reasoning_effort: effort } = chat;
  const thinking = isGiven(effort) ? { cohere: { thinking: { type: effort === 'none' ? 'disabled' : 'enabled' } } } : undefined;
  return { options: thinking, leftOut: hintOfParallel(asked) };
};

/** Models of Mistral think, or do not. */
export const mistralOptions: OwnOptions = ({ reasoning_effort: effort }, { parallel, tools }) => {
  const own = {
    ...(isGiven(effort) ? { reasoningEffort: effort === 'none' ? 'none' : 'high' } : {}),
    ...(parallel || tools.length === 0 ? {} : { parallelToolCalls: false }),
  };
  return { options: Object.keys(own).length === 0 ? undefined : { mistral: own }, leftOut: [] };
};

export const vertexOptions: OwnOptions = (chat, asked) => {
  const { reasoning_effort: effort } = chat;
  const thinking = isGiven(effort) ? thinkingConfig(effort, geminiModel(asked.model)) : undefined;
  const options =
    thinking === undefined ? undefined : { google: { thinkingConfig: thinking }, vertex: { thinkingConfig: thinking } };
  return { options, leftOut: [...(thinking === undefined ? hintOfEffort(chat) : []), ...hintOfParallel(asked)] };
};

function hintOfEffort(chat: Fields): readonly string[] {
  return isGiven(chat['reasoning_effort']) ? ['reasoning_effort'] : [];
}

function hintOfParallel({ parallel }: AskedChat): readonly string[] {
  return parallel ? [] : ['parallel_tool_calls'];
}
