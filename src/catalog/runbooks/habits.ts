import type { ClientHabitsData } from './client-habits.js';

/** Habits of the libraries that most products are made with; a product's row adds what is its own. */

const sdkRetries = {
  times: 2,
  statuses: [408, 409, 429, 500, 502, 503, 504],
  waitsFor: ['retry-after-ms', 'retry-after'],
} satisfies ClientHabitsData['retry'];

/** The official SDK for Python. */
export const openaiPython = {
  joins: 'append',
  headers: { 'user-agent': 'OpenAI/Python', 'x-stainless-lang': 'python', 'x-stainless-retry-count': '0' },
  embeddings: { input: 'texts', encoding: 'base64' },
  retry: sdkRetries,
} satisfies ClientHabitsData;

/** The official SDK for JavaScript. */
export const openaiNode = {
  ...openaiPython,
  headers: { 'user-agent': 'OpenAI/JS', 'x-stainless-lang': 'js', 'x-stainless-retry-count': '0' },
} satisfies ClientHabitsData;

/** The official SDKs for Java, .NET and Go, which ask for embeddings as numbers. */
export const openaiCompiled = {
  joins: 'append',
  headers: { 'x-stainless-lang': 'java' },
  embeddings: { input: 'texts', encoding: 'none' },
  retry: sdkRetries,
} satisfies ClientHabitsData;

/** LiteLLM, which calls through the SDK for Python. */
export const liteLlm = {
  ...openaiPython,
  embeddings: { input: 'texts', encoding: 'none' },
} satisfies ClientHabitsData;

/** Vercel's AI SDK with its package for OpenAI-compatible providers. */
export const aiSdk = {
  joins: 'append',
  headers: { 'user-agent': 'ai-sdk/openai-compatible' },
  chat: { limit: 'max_tokens' },
  embeddings: { input: 'texts', encoding: 'float' },
  retry: sdkRetries,
} satisfies ClientHabitsData;

/** A client of its own making that sends what is asked and tries once. */
export const plainHttp = { joins: 'append' } satisfies ClientHabitsData;

/** Coding agents: every answer is a stream, every request offers tools. */
export const agentic = {
  streaming: { use: 'always', asksUsage: true },
  tools: 'always',
} satisfies Partial<ClientHabitsData>;

/** Chat windows: every answer is a stream. */
export const chatting = { streaming: { use: 'always', asksUsage: false } } satisfies Partial<ClientHabitsData>;

/** Automation steps, which read one whole answer. */
export const step = {
  joins: 'as_is',
  streaming: { use: 'never', asksUsage: false },
  tools: 'never',
  timeoutSeconds: 40,
} satisfies ClientHabitsData;
