import type { ConnectionPaths } from './connection-paths.js';
import type { ConnectionWire } from './wires.js';

/** What is known of a provider: the settings of a connection that names it and says nothing else. */
export interface Provider {
  /** How people call it. */
  readonly title: string;
  /** Its address; where each customer has an own one, what that looks like, with what is the customer's in capitals. */
  readonly address: { readonly url: string } | { readonly like: string };
  readonly wire: ConnectionWire;
  readonly signsIn: 'header_token' | 'none';
  /** What it serves beyond its wire. */
  readonly paths?: ConnectionPaths;
  /** What to know of it before it is used. */
  readonly remark: string;
}

const completions = '/completions';
const images = '/images/generations';
const speech = '/audio/speech';
const transcriptions = '/audio/transcriptions';
const translations = '/audio/translations';

/** The providers that a connection can name, by their ids. Local servers have the address at which they start by default. */
export const providers = {
  openai: {
    title: 'OpenAI',
    address: { url: 'https://api.openai.com/v1' },
    wire: 'openai',
    signsIn: 'header_token',
    remark: 'The whole API.',
  },
  azure: {
    title: 'Azure OpenAI',
    address: { like: 'https://NAME.openai.azure.com/openai/v1' },
    wire: 'azure',
    signsIn: 'header_token',
    remark: 'NAME is the resource. Models are the names of deployments. Below `/openai` without `/v1`, give `--api-version` too.',
  },
  anthropic: {
    title: 'Anthropic',
    address: { url: 'https://api.anthropic.com/v1' },
    wire: 'anthropic',
    signsIn: 'header_token',
    remark: 'Its Messages API. No embeddings.',
  },
  gemini: {
    title: 'Google Gemini',
    address: { url: 'https://generativelanguage.googleapis.com/v1beta' },
    wire: 'gemini',
    signsIn: 'header_token',
    remark: 'Its generateContent, with a key of Google AI Studio.',
  },
  bedrock: {
    title: 'Amazon Bedrock',
    address: { like: 'https://bedrock-runtime.REGION.amazonaws.com' },
    wire: 'sdk:bedrock',
    signsIn: 'header_token',
    remark: 'Its Converse API. The token is an API key of Bedrock or `ACCESS_KEY_ID:SECRET`.',
  },
  vertex: {
    title: 'Google Vertex AI',
    address: {
      like: 'https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION/publishers/google',
    },
    wire: 'sdk:vertex',
    signsIn: 'header_token',
    remark: 'Gemini on Vertex. The token is an access token, which ends after an hour: a login renews it.',
  },
  mistral: {
    title: 'Mistral',
    address: { url: 'https://api.mistral.ai/v1' },
    wire: 'sdk:mistral',
    signsIn: 'header_token',
    remark: 'Its chat and embeddings.',
  },
  groq: {
    title: 'Groq',
    address: { url: 'https://api.groq.com/openai/v1' },
    wire: 'chat',
    signsIn: 'header_token',
    paths: { speech, transcriptions, translations },
    remark: 'It refuses `logprobs`, `logit_bias` and `n` above 1. Its own Responses are not used.',
  },
  xai: {
    title: 'xAI',
    address: { url: 'https://api.x.ai/v1' },
    wire: 'chat',
    signsIn: 'header_token',
    paths: { images },
    remark: 'No embeddings. Its own Responses are not used.',
  },
  deepseek: {
    title: 'DeepSeek',
    address: { url: 'https://api.deepseek.com' },
    wire: 'chat',
    signsIn: 'header_token',
    remark: 'No embeddings.',
  },
  together: {
    title: 'Together AI',
    address: { url: 'https://api.together.ai/v1' },
    wire: 'chat',
    signsIn: 'header_token',
    paths: { completions, images, speech, transcriptions, translations },
    remark: 'Names of models have the form `<maker>/<model>`.',
  },
  fireworks: {
    title: 'Fireworks AI',
    address: { url: 'https://api.fireworks.ai/inference/v1' },
    wire: 'chat',
    signsIn: 'header_token',
    paths: { completions },
    remark: 'Names of models begin with `accounts/`. Its own Responses are not used.',
  },
  openrouter: {
    title: 'OpenRouter',
    address: { url: 'https://openrouter.ai/api/v1' },
    wire: 'chat',
    signsIn: 'header_token',
    remark: 'Its own fields `models`, `route` and `provider` are dropped unless `--dropped-fields` says otherwise.',
  },
  cohere: {
    title: 'Cohere',
    address: { url: 'https://api.cohere.com/v2' },
    wire: 'sdk:cohere',
    signsIn: 'header_token',
    remark: 'Its chat and embeddings, version 2.',
  },
  ollama: {
    title: 'Ollama',
    address: { url: 'http://127.0.0.1:11434/v1' },
    wire: 'chat',
    signsIn: 'none',
    paths: { completions },
    remark: 'A local server.',
  },
  vllm: {
    title: 'vLLM',
    address: { url: 'http://127.0.0.1:8000/v1' },
    wire: 'chat',
    signsIn: 'none',
    paths: { completions, transcriptions, translations },
    remark: 'A local server; what it serves depends on its model. Started with `--api-key`, it wants `--token-env`.',
  },
  llamacpp: {
    title: 'llama.cpp (llama-server)',
    address: { url: 'http://127.0.0.1:8080/v1' },
    wire: 'chat',
    signsIn: 'none',
    paths: { completions },
    remark: 'A local server. Started with `--api-key`, it wants `--token-env`; with `--embeddings`, it serves embeddings alone.',
  },
  lmstudio: {
    title: 'LM Studio',
    address: { url: 'http://127.0.0.1:1234/v1' },
    wire: 'chat',
    signsIn: 'none',
    paths: { completions },
    remark: 'A local server.',
  },
  tgi: {
    title: 'Text Generation Inference',
    address: { url: 'http://127.0.0.1:8080/v1' },
    wire: 'chat',
    signsIn: 'none',
    remark: 'A local server, as its image is started with `-p 8080:80`. No embeddings. Its model is called `tgi`.',
  },
  litellm: {
    title: 'LiteLLM',
    address: { url: 'http://127.0.0.1:4000/v1' },
    wire: 'openai',
    signsIn: 'header_token',
    remark: "A local proxy. The token is its master key or a virtual one; without keys, `--auth '{mode: none}'`.",
  },
} as const satisfies Readonly<Record<string, Provider>>;

export type ProviderId = keyof typeof providers;

export const providerIds = Object.keys(providers) as [ProviderId, ...ProviderId[]];

/** What is known of a provider. */
export function providerOf(id: ProviderId): Provider {
  return providers[id];
}

const atAddresses = new Map<string, ProviderId>();
const byWires = new Map<string, ProviderId>();
for (const id of providerIds) {
  const { address, wire } = providerOf(id);
  if ('like' in address) byWires.set(wire, id);
  else if (address.url.startsWith('https:')) atAddresses.set(new URL(address.url).host, id);
}

/**
 * Whose the models of a connection are: the provider that has its address, or alone speaks its wire. Undefined where only
 * its owner knows, as of a local server.
 */
export function providerAt(baseUrl: string, wire: ConnectionWire): ProviderId | undefined {
  return byWires.get(wire) ?? atAddresses.get(new URL(baseUrl).host);
}
