import { weatherParameters } from './steps.mjs';

const weather = { type: 'function', name: 'weather', parameters: weatherParameters, strict: false };

/** What a stream's events are called, deltas once for each run of them. */
async function typesOf(stream) {
  const types = [];
  for await (const { type } of stream) if (types.at(-1) !== type) types.push(type);
  return types;
}

/** Steps of OpenAI's client with Responses and with conversations. @param zodTextFormat of the package's own helpers. */
export const responsesSteps = (client, zodTextFormat, zod) => {
  const create = (input, more = {}) => client.responses.create({ model: 'assistant', input, ...more });
  return {
    create: async () => {
      const { output_text: text, status, object, model } = await create('hello');
      return { text, status, object, model };
    },
    chain: async () => {
      const first = await create('one');
      const next = await create('two', { previous_response_id: first.id });
      const kept = await client.responses.retrieve(next.id);
      const items = await client.responses.inputItems.list(next.id);
      await client.responses.delete(first.id);
      const gone = await client.responses.retrieve(first.id).catch((error) => error.status);
      return { text: next.output_text, kept: kept.output_text, items: items.data.length, gone };
    },
    streamHelper: async () => {
      const stream = client.responses.stream({ model: 'assistant', input: '[[chunks:4]] hello' });
      const types = await typesOf(stream);
      const { output, status } = await stream.finalResponse();
      return { types, status, text: output[0].content[0].text };
    },
    streamedChain: async () => {
      const first = await create('hi');
      const stream = client.responses.stream({ model: 'assistant', input: 'there', previous_response_id: first.id });
      let told = '';
      for await (const event of stream) if (event.type === 'response.output_text.delta') told += event.delta;
      const last = await stream.finalResponse();
      const kept = await client.responses.retrieve(last.id);
      return { told, same: kept.output[0].content[0].text === told, status: last.status };
    },
    streamedCalls: async () => {
      const stream = client.responses.stream({
        model: 'assistant',
        input: '[[tools:2]] both',
        tools: [weather, { ...weather, name: 'time' }],
      });
      const told = {};
      for await (const { type, item_id: id, delta } of stream)
        if (type === 'response.function_call_arguments.delta') told[id] = (told[id] ?? '') + delta;
      const { output } = await stream.finalResponse();
      return output.map(({ id, name, arguments: given }) => [name, told[id] === given, typeof JSON.parse(given).city]);
    },
    toolLoop: async () => {
      const first = await create('[[tools:2]] both', { tools: [weather, { ...weather, name: 'time' }] });
      const calls = first.output.filter(({ type }) => type === 'function_call');
      const input = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' }));
      const last = await create(input, { previous_response_id: first.id });
      return { names: calls.map(({ name }) => name), text: last.output_text };
    },
    parsed: async () => {
      const format = zodTextFormat(zod.object({ city: zod.string() }), 'reply');
      const { output_parsed: reply } = await client.responses.parse({ model: 'assistant', input: 'hello', text: { format } });
      return Object.keys(reply);
    },
    conversation: async () => {
      const { id } = await client.conversations.create();
      await create('one', { conversation: id });
      const chat = await client.chat.completions.create(
        { model: 'assistant', messages: [{ role: 'user', content: 'two' }] },
        { headers: { 'X-GT-Conversation-Id': id } },
      );
      const items = await client.conversations.items.list(id, { order: 'asc' });
      return { text: chat.choices[0].message.content, roles: items.data.map(({ role }) => role) };
    },
    conversations: async () => {
      const said = (content) => ({ type: 'message', role: 'user', content });
      const { id } = await client.conversations.create({ metadata: { topic: 'a' }, items: [said('first')] });
      await client.conversations.update(id, { metadata: { topic: 'b' } });
      const { metadata } = await client.conversations.retrieve(id);
      const { data } = await client.conversations.items.create(id, { items: [said('second'), said('third')] });
      const item = await client.conversations.items.retrieve(data[0].id, { conversation_id: id });
      await client.conversations.items.delete(data[1].id, { conversation_id: id });
      const texts = [];
      for await (const one of client.conversations.items.list(id, { order: 'asc', limit: 1 })) texts.push(one.content[0].text);
      const { deleted } = await client.conversations.delete(id);
      const gone = await client.conversations.retrieve(id).catch((error) => error.status);
      return { topic: metadata.topic, second: item.content[0].text, texts, deleted, gone };
    },
    background: async () => {
      const queued = await create('hello', { background: true });
      let answer = queued;
      while (answer.status === 'queued' || answer.status === 'in_progress') answer = await client.responses.retrieve(queued.id);
      return { first: queued.status, last: answer.status, text: answer.output_text };
    },
    backgroundStream: async () => {
      const numbers = [];
      let [id, told, last] = ['', '', ''];
      const take = ({ sequence_number: number, type, delta, response }) => {
        id ||= response?.id;
        numbers.push(number);
        if (type === 'response.output_text.delta') told += delta;
        last = type;
      };
      for await (const event of await create('[[chunks:6]] hello', { background: true, stream: true })) {
        take(event);
        if (event.type === 'response.output_text.delta') break;
      }
      const rest = await client.responses.retrieve(id, { stream: true, starting_after: numbers.at(-1) });
      for await (const event of rest) take(event);
      const isRising = numbers.every((number, at) => at === 0 || number > numbers[at - 1]);
      return { isWhole: told === (await client.responses.retrieve(id)).output_text, isRising, last };
    },
    cancel: async () => {
      const { id } = await create('[[chunks:5000]] [[pace:10]] long', { background: true });
      const cancelled = await client.responses.cancel(id);
      return [cancelled.status, (await client.responses.retrieve(id)).status];
    },
    compact: async () => {
      const input = [{ role: 'user', content: 'keep me' }];
      const { object, output } = await client.responses.compact({ model: 'assistant', input });
      const { output_text: text } = await create([...output, { role: 'user', content: 'next' }]);
      return { object, kept: output[0].content[0].text, last: output.at(-1).type, text };
    },
    inputTokens: async () => (await client.responses.inputTokens.count({ model: 'assistant', input: 'hello' })).input_tokens > 0,
    unknownPrevious: () => create('x', { previous_response_id: 'resp_absent' }),
    cut: async () => (await typesOf(await create('[[cut:2]] a b c d', { stream: true }))).at(-1),
  };
};
