import { isGiven, type Fields } from '../../../../kernel/fields.js';
import { unsupported } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import { readChat } from '../asked/read-chat.js';
import { sharedMembers } from '../asked/shared-members.js';
import type { DialectAsked, DialectRequest } from '../dialect.js';
import { geminiContents } from './gemini-contents.js';
import { geminiModel, geminiPath } from './gemini-model.js';
import { geminiTools } from './gemini-tools.js';
import { generationConfig } from './generation-config.js';

/** Members that are said in this wire's words, refused, or meant for the platform. All others are hints. */
const known = new Set<string>([...sharedMembers, 'frequency_penalty', 'presence_penalty', 'seed', 'top_k']);

/** A chat in the words of `generateContent`. @throws AppError as for `ChatDialect.request`. */
export function geminiRequest(chat: Fields, told: DialectAsked): DialectRequest {
  refuseLogprobs(chat);
  const asked = readChat(chat);
  const model = geminiModel(asked.model);
  const { config, leftOut } = generationConfig(chat, asked, model);
  return {
    path: geminiPath(model, told.stream ? 'streamGenerateContent?alt=sse' : 'generateContent', told.path),
    body: {
      ...geminiContents(asked, model, (callId) => told.kept(callId)),
      ...geminiTools(asked, model),
      ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
    },
    leftOut: [...leftOut, ...(asked.parallel ? [] : ['parallel_tool_calls']), ...furtherHints(chat)],
  };
}

function refuseLogprobs({ logprobs, top_logprobs: several }: Fields): void {
  if (logprobs === true) throw unsupported('logprobs');
  if ((numberOf(several) ?? 0) > 0) throw unsupported('top_logprobs');
}

function furtherHints(chat: Fields): string[] {
  return Object.keys(chat).filter((name) => !known.has(name) && isGiven(chat[name]));
}
