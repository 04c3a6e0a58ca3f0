import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { given, report, weatherParameters } from './steps.mjs';

/** OpenAI's client and Vercel's SDK with its default provider, both on Responses. */
const client = new OpenAI({ baseURL: given.baseURL, apiKey: given.secret, maxRetries: 0 });
const model = createOpenAI({ baseURL: given.baseURL, apiKey: given.secret })('assistant');
const ask = (prompt, more = {}) => ({ model, prompt, maxRetries: 0, ...more });
const weather = tool({
  description: 'Tells the weather',
  inputSchema: jsonSchema(weatherParameters),
  execute: () => 'sunny',
});
const weatherFunction = { type: 'function', name: 'weather', parameters: weatherParameters, strict: false };

/** What a stream's events are called, deltas once for each run of them. */
async function typesOf(stream) {
  const types = [];
  for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
  return types;
}

await report({
  create: async () => {
    const { output_text: text, status, object } = await client.responses.create({ model: 'assistant', input: 'hello' });
    return { text, status, object };
  },
  chain: async () => {
    const first = await client.responses.create({ model: 'assistant', input: 'one' });
    const next = await client.responses.create({ model: 'assistant', input: 'two', previous_response_id: first.id });
    const kept = await client.responses.retrieve(next.id);
    const items = await client.responses.inputItems.list(next.id);
    await client.responses.delete(first.id);
    const gone = await client.responses.retrieve(first.id).catch((error) => error.status);
    return { text: next.output_text, kept: kept.output_text, items: items.data.length, gone };
  },
  stream: async () => {
    const stream = client.responses.stream({ model: 'assistant', input: '[[chunks:4]] hello' });
    const types = await typesOf(stream);
    const { output, status } = await stream.finalResponse();
    return { types, status, text: output[0].content[0].text };
  },
  toolLoop: async () => {
    const first = await client.responses.create({
      model: 'assistant',
      input: '[[tools:2]] both',
      tools: [weatherFunction, { ...weatherFunction, name: 'time' }],
    });
    const calls = first.output.filter(({ type }) => type === 'function_call');
    const input = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' }));
    const last = await client.responses.create({ model: 'assistant', input, previous_response_id: first.id });
    return { names: calls.map(({ name }) => name), text: last.output_text };
  },
  conversation: async () => {
    const { id } = await client.conversations.create();
    await client.responses.create({ model: 'assistant', input: 'one', conversation: id });
    const chat = await client.chat.completions.create(
      { model: 'assistant', messages: [{ role: 'user', content: 'two' }] },
      { headers: { 'X-GT-Conversation-Id': id } },
    );
    const items = await client.conversations.items.list(id, { order: 'asc' });
    return { text: chat.choices[0].message.content, roles: items.data.map(({ role }) => role) };
  },
  inputTokens: async () => (await client.responses.inputTokens.count({ model: 'assistant', input: 'hello' })).input_tokens > 0,
  unknownPrevious: () => client.responses.create({ model: 'assistant', input: 'x', previous_response_id: 'resp_absent' }),
  cut: async () =>
    (await typesOf(await client.responses.create({ model: 'assistant', input: '[[cut:2]] a b c d', stream: true }))).at(-1),
  vercelText: async () => (await generateText(ask('hello'))).text,
  vercelTools: async () => {
    const { text, steps } = await generateText(ask('[[tool:weather]]', { tools: { weather }, stopWhen: stepCountIs(3) }));
    return { text, calls: steps.flatMap((step) => step.toolCalls.map((call) => call.toolName)) };
  },
  vercelStreamedTools: async () => {
    const result = streamText(ask('[[tool:weather]]', { tools: { weather }, stopWhen: stepCountIs(3) }));
    let text = '';
    for await (const part of result.textStream) text += part;
    return { text, finished: await result.finishReason };
  },
  vercelObject: async () => (await generateObject(ask('hello', { schema: jsonSchema(weatherParameters) }))).object,
});
