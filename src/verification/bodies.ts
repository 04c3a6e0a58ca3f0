import type { ClientHabits } from '../catalog/runbooks/client-habits.js';

/** What is asked. A provider of any kind answers it in few words. */
export const question = 'one two three';

const limitTokens = 256;

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather = { name: 'weather', description: 'Tells the weather in a city', parameters };

/** The body of a chat as the client sends it. Members of the client's own come last, as it lays them over the others. */
export function chatBody({ chat, streaming, tools }: ClientHabits, model: string, streamed: boolean): object {
  return {
    model,
    messages: [{ role: 'user', content: question }],
    ...(chat.limit === 'none' ? {} : { [chat.limit]: limitTokens }),
    ...(tools === 'always' ? { tools: [{ type: 'function', function: weather }] } : {}),
    ...(streamed ? { stream: true } : {}),
    ...(streamed && streaming.asksUsage ? { stream_options: { include_usage: true } } : {}),
    ...chat.adds,
  };
}

/** The body of a response. It is stored, so that it can be asked for again. */
export function responseBody({ tools }: ClientHabits, model: string, streamed: boolean): object {
  return {
    model,
    input: question,
    ...(tools === 'always' ? { tools: [{ type: 'function', strict: null, ...weather }] } : {}),
    ...(streamed ? { stream: true } : {}),
  };
}

/** The body of embeddings: one text, or the numbers of its tokens. */
export function embeddingsBody({ embeddings: { input, encoding } }: ClientHabits, model: string): object {
  return {
    model,
    input: input === 'texts' ? [question] : [[606, 1403, 2380]],
    ...(encoding === 'none' ? {} : { encoding_format: encoding }),
  };
}
