import type { BatchEndpoint } from './batches.js';
import { modalities, type Modality } from './scopes.js';

/** What is known of a wire that providers speak. */
interface WireFacts {
  /** Who is asked over it, as OpenTelemetry names providers. */
  readonly tracedAs: string;
  /** The one of OpenAI's forms in which its calls are planned. */
  readonly speaks: 'openai' | 'chat' | 'responses';
  /** It has words of its own, in which its calls are said anew before they are sent. */
  readonly hasDialect: boolean;
  /** Models have the names of their deployments, which tell nothing of the models, and the API has versions. */
  readonly hasDeployments: boolean;
  /** What it has. */
  readonly serves: readonly Modality[];
  /** The header that carries the token, where a connection does not say another, and what stands before the token. */
  readonly header: string;
  readonly prefix: string;
  /** Headers that every call must have. */
  readonly headers: Readonly<Record<string, string>>;
  /** The package that speaks it, for a wire that is spoken by a package of Vercel's AI SDK. It may not be installed. */
  readonly package?: string;
  /** There is a list of models below its base URL. */
  readonly hasModelList: boolean;
  /** It has OpenAI's fine-tuning, with the files that this needs. */
  readonly hasFineTuning?: true;
  /** It has batches in OpenAI's form, of requests to these endpoints of ours, each with its own name of it. */
  readonly batches?: Readonly<Partial<Record<BatchEndpoint, string>>>;
}

const bearer = { header: 'authorization', prefix: 'Bearer', headers: {} };
const openAi = { tracedAs: 'openai', hasDialect: false, hasDeployments: false, hasModelList: true, ...bearer };
const batchesOfOpenAi = {
  '/v1/chat/completions': '/v1/chat/completions',
  '/v1/responses': '/v1/responses',
  '/v1/completions': '/v1/completions',
  '/v1/embeddings': '/v1/embeddings',
  '/v1/moderations': '/v1/moderations',
} as const;
const batchesOfAzure = { '/v1/chat/completions': '/chat/completions', '/v1/embeddings': '/embeddings' } as const;
const ownWords = { hasDialect: true, hasDeployments: false, hasModelList: true, prefix: '' };
const bySdk = {
  ...bearer,
  speaks: 'chat',
  serves: ['chat', 'embed'],
  hasDialect: true,
  hasDeployments: false,
  hasModelList: false,
} as const;

/** The wires that a connection can speak, by their names. */
export const wireFacts = {
  openai: { speaks: 'openai', serves: modalities, hasFineTuning: true, batches: batchesOfOpenAi, ...openAi },
  chat: { speaks: 'chat', serves: ['chat', 'embed'], ...openAi },
  responses: { speaks: 'responses', serves: ['chat'], ...openAi },
  azure: {
    ...openAi,
    tracedAs: 'azure.ai.openai',
    speaks: 'openai',
    hasFineTuning: true,
    batches: batchesOfAzure,
    hasDeployments: true,
    serves: ['chat', 'embed', 'transcribe', 'speech', 'image'],
    header: 'api-key',
    prefix: '',
  },
  anthropic: {
    ...ownWords,
    tracedAs: 'anthropic',
    speaks: 'chat',
    serves: ['chat'],
    header: 'x-api-key',
    headers: { 'anthropic-version': '2023-06-01' },
  },
  gemini: {
    tracedAs: 'gcp.gemini',
    speaks: 'chat',
    serves: ['chat', 'embed'],
    header: 'x-goog-api-key',
    headers: {},
    ...ownWords,
  },
  'sdk:bedrock': { ...bySdk, tracedAs: 'aws.bedrock', package: '@ai-sdk/amazon-bedrock' },
  'sdk:vertex': { ...bySdk, tracedAs: 'gcp.vertex_ai', package: '@ai-sdk/google-vertex' },
  'sdk:cohere': { ...bySdk, tracedAs: 'cohere', package: '@ai-sdk/cohere' },
  'sdk:mistral': { ...bySdk, tracedAs: 'mistral_ai', package: '@ai-sdk/mistral', hasModelList: true },
} as const satisfies Readonly<Record<string, WireFacts>>;

export type ConnectionWire = keyof typeof wireFacts;

export const connectionWires = Object.keys(wireFacts) as [ConnectionWire, ...ConnectionWire[]];

/** The header of a reply that names members of the request that its provider has no word for and that were only hints. */
export const leftOutHeader = 'x-gt-parameters-left-out';

/** The facts of a wire that a record names. */
export function factsOfWire(wire: string): WireFacts {
  return wireFacts[wire as ConnectionWire];
}

/** True for a wire of its own, in whose words calls are said anew. */
export function hasDialect(wire: string): boolean {
  return factsOfWire(wire).hasDialect;
}

/**
 * True where a call names its deployment in its path and the version of the API in its query: unless the base URL ends with
 * `/v1`.
 */
export function namesDeployments(wire: string, baseUrl: string): boolean {
  return factsOfWire(wire).hasDeployments && !/\/v1\/*$/.test(baseUrl);
}

/** Where the token of a connection stands: what it does not say itself is its wire's. */
export function tokenPlace(
  wire: string,
  { header, prefix }: { readonly header?: string | undefined; readonly prefix?: string | undefined },
): { readonly header: string; readonly prefix: string } {
  const usual = factsOfWire(wire);
  const isUsual = header === undefined || header.toLowerCase() === usual.header;
  return { header: header ?? usual.header, prefix: prefix ?? (isUsual ? usual.prefix : bearer.prefix) };
}

/** Where an access token stands: as OAuth has it on every wire, where the connection says nothing else. */
export function oauthPlace(said: Parameters<typeof tokenPlace>[1]): ReturnType<typeof tokenPlace> {
  return tokenPlace('openai', said);
}

/** The least that has to be said of a place so that `tokenPlace` gives it. */
export function saidPlace(
  wire: string,
  { header, prefix }: { readonly header: string; readonly prefix: string },
): { readonly header?: string; readonly prefix?: string } {
  const named = header === factsOfWire(wire).header ? {} : { header };
  return { ...named, ...(prefix === tokenPlace(wire, named).prefix ? {} : { prefix }) };
}
