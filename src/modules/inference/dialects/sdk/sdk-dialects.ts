import type { ChatDialect, EmbeddingsDialect } from '../dialect.js';
import type { MemberName } from '../../call/member-names.js';
import type { ChatAddress } from '../asked/chat-addresses.js';
import { geminiChat } from '../gemini/gemini-dialect.js';
import { bedrockOptions, cohereOptions, mistralOptions, vertexOptions, type OwnOptions } from './own-options.js';
import { sdkEmbeddings } from './sdk-embeddings.js';
import { usualTypes } from '../asked/taken-types.js';
import { SdkReader } from './sdk-reader.js';
import { sdkRequest } from './sdk-request.js';

/** What a wire can be asked that a package of the AI SDK speaks. */
interface SdkDialect {
  readonly chat: ChatDialect;
  readonly embeddings: EmbeddingsDialect;
  /** What a refusal means by its status, where the provider's own says something else. */
  readonly refusalStatus?: (status: number, body: Buffer) => number;
}

/**
 * The wires that packages of the AI SDK speak. The packages share one form, that of a `LanguageModelV3`: its options and the
 * parts of its answers, written as JSON, are the words of these dialects. `platform/ai-sdk` asks the packages.
 */
export const sdkDialects: Readonly<Record<string, SdkDialect>> = {
  'sdk:bedrock': {
    chat: sdkChat(bedrockOptions, [
      { sent: 'inferenceConfig.maxTokens', asked: 'max_completion_tokens' },
      { sent: 'inferenceConfig.stopSequences', asked: 'stop' },
      { sent: 'inferenceConfig.temperature', asked: 'temperature' },
      { sent: 'inferenceConfig.topP', asked: 'top_p' },
      { sent: 'toolConfig.toolChoice', asked: 'tool_choice' },
      { sent: 'toolConfig.tools', asked: 'tools' },
    ]),
    embeddings: sdkEmbeddings((dimensions, model) => ({ bedrock: { [bedrockDimensions(model)]: dimensions } })),
  },
  'sdk:vertex': {
    chat: { ...sdkChat(vertexOptions, geminiChat.memberNames), isSigned: geminiChat.isSigned },
    embeddings: sdkEmbeddings((dimensions) => ({
      google: { outputDimensionality: dimensions },
      vertex: { outputDimensionality: dimensions },
    })),
    // Google refuses a wrong key like a request that it cannot read; that is the connection's fault and not the caller's.
    refusalStatus: (status, body) => (status === 400 && body.includes('API key not valid') ? 401 : status),
  },
  'sdk:cohere': {
    // Of documents it takes texts alone.
    chat: sdkChat(cohereOptions, [{ sent: 'stop_sequences', asked: 'stop' }], ['image']),
    embeddings: sdkEmbeddings((dimensions) => ({ cohere: { outputDimension: dimensions } })),
  },
  'sdk:mistral': {
    chat: sdkChat(mistralOptions, [{ sent: 'random_seed', asked: 'seed' }]),
    embeddings: sdkEmbeddings(),
  },
};

/** What the makers of models on Bedrock call the length of a vector. */
function bedrockDimensions(model: string): string {
  if (model.includes('cohere.')) return 'outputDimension';
  return model.includes('nova') ? 'embeddingDimension' : 'dimensions';
}

/** @param takes of what addresses the content may be sent in their place. A result of a tool takes none. */
function sdkChat(
  own: OwnOptions,
  memberNames: readonly MemberName[],
  takes: readonly ChatAddress['of'][] = ['image', 'file'],
): ChatDialect {
  return {
    memberNames,
    request: (chat, asked) => sdkRequest(chat, asked, own),
    typesFor: (address) => (!address.inResult && takes.includes(address.of) ? usualTypes(address) : undefined),
    // These models want nothing back.
    isSigned: () => true,
    reader: (chat) => new SdkReader(chat),
  };
}
