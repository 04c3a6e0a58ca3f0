import type { EmbeddingModelV3, LanguageModelV3 } from '@ai-sdk/provider';
import { awsKeysOf, awsRegionOf } from './aws-keys.js';

/** What a package is told of a connection. */
export interface DriverSettings {
  /** The connection's address. */
  readonly baseUrl: string;
  /** The token that signs in, without what stands before it; empty where there is none. */
  readonly token: string;
  /** Makes the calls of the package, and signs in with the token. */
  readonly fetch: typeof globalThis.fetch;
}

/** Gives the models of one provider. */
export interface ModelSource {
  language(model: string): LanguageModelV3;
  embedding(model: string): EmbeddingModelV3;
}

/**
 * Stands where a package wants a key: the real one is put into each call by `fetch`. Without it a package would look for one in
 * the environment of the process, which is nobody's business but the operator's.
 */
const noKey = 'in-fetch';

/**
 * The packages by their wires, loaded when they are first asked for. The wire of Vertex takes the entry that does not load
 * Google's own library, which would make calls of its own.
 */
export const modelDrivers: Readonly<Record<string, (settings: DriverSettings) => Promise<ModelSource>>> = {
  'sdk:bedrock': async ({ baseUrl, token, fetch }) => {
    const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
    const keys = awsKeysOf(token);
    const signsIn =
      keys === undefined
        ? { apiKey: noKey }
        : { apiKey: '', region: awsRegionOf(baseUrl), credentialProvider: () => Promise.resolve(keys) };
    return sourceOf(createAmazonBedrock({ baseURL: baseUrl, fetch, ...signsIn }));
  },
  'sdk:vertex': async ({ baseUrl, fetch }) => {
    const { createVertex } = await import('@ai-sdk/google-vertex/edge');
    return sourceOf(createVertex({ baseURL: baseUrl, apiKey: noKey, fetch }));
  },
  'sdk:cohere': async ({ baseUrl, fetch }) => {
    const { createCohere } = await import('@ai-sdk/cohere');
    return sourceOf(createCohere({ baseURL: baseUrl, apiKey: noKey, fetch }));
  },
  'sdk:mistral': async ({ baseUrl, fetch }) => {
    const { createMistral } = await import('@ai-sdk/mistral');
    return sourceOf(createMistral({ baseURL: baseUrl, apiKey: noKey, fetch }));
  },
};

/** What the providers of all packages have. */
interface Provider {
  languageModel(model: string): LanguageModelV3;
  embeddingModel(model: string): EmbeddingModelV3;
}

function sourceOf(provider: Provider): ModelSource {
  return {
    language: (model) => provider.languageModel(model),
    embedding: (model) => provider.embeddingModel(model),
  };
}
