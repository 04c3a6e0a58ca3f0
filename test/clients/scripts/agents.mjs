import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { given, report } from './steps.mjs';

/** OpenAI's Agents SDK, over each of the two wires that it speaks. Nothing is traced: that would leave the machine. */
setTracingDisabled(true);

const runnerOf = (apiKey, useResponses) => {
  const openAIClient = new OpenAI({ baseURL: given.baseURL, apiKey, maxRetries: 0 });
  return new Runner({ modelProvider: new OpenAIProvider({ openAIClient, useResponses }), tracingDisabled: true });
};
const weather = tool({
  name: 'weather',
  description: 'Tells the weather',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => `sunny in a ${typeof city}`,
});
const agentOf = (more = {}) => new Agent({ name: 'Helper', instructions: 'Be kind.', model: 'assistant', ...more });
const armed = agentOf({ tools: [weather] });

const stepsOf = (useResponses) => {
  const runner = runnerOf(given.secret, useResponses);
  return {
    text: async () => (await runner.run(agentOf(), 'hello')).finalOutput,
    toolLoop: async () => {
      const { finalOutput, newItems } = await runner.run(armed, '[[tool:weather]]');
      return { text: finalOutput, items: newItems.map(({ type }) => type) };
    },
    streamedLoop: async () => {
      const stream = await runner.run(armed, '[[tool:weather]]', { stream: true });
      let text = '';
      for await (const event of stream)
        if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') text += event.data.delta;
      await stream.completed;
      return { text, finalOutput: stream.finalOutput };
    },
    object: async () => (await runner.run(agentOf({ outputType: z.object({ city: z.string() }) }), 'hello')).finalOutput,
    history: async () => {
      const first = await runner.run(armed, '[[tool:weather]]');
      const next = await runner.run(agentOf(), [...first.history, { role: 'user', content: 'thanks' }]);
      return next.finalOutput;
    },
    wrongKey: () => runnerOf(given.unknownSecret, useResponses).run(agentOf(), 'hi'),
    providerFault: () => runner.run(agentOf(), '[[status:500]]'),
  };
};
const named = (prefix, steps) => Object.fromEntries(Object.entries(steps).map(([name, step]) => [`${prefix}.${name}`, step]));

await report({
  ...named('responses', stepsOf(true)),
  ...named('chat', stepsOf(false)),
  'responses.chain': async () => {
    const runner = runnerOf(given.secret, true);
    const { lastResponseId } = await runner.run(armed, '[[tool:weather]]');
    const next = await runner.run(agentOf(), 'again', { previousResponseId: lastResponseId });
    return { text: next.finalOutput, isKept: lastResponseId.startsWith('resp_') };
  },
  'responses.conversation': async () => {
    const client = new OpenAI({ baseURL: given.baseURL, apiKey: given.secret, maxRetries: 0 });
    const { id } = await client.conversations.create();
    const { finalOutput } = await runnerOf(given.secret, true).run(armed, '[[tool:weather]]', { conversationId: id });
    const items = await client.conversations.items.list(id, { order: 'asc' });
    return { text: finalOutput, types: items.data.map(({ type }) => type) };
  },
});
