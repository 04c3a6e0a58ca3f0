import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { given, report, rounded, weatherParameters } from './steps.mjs';

const options = (apiKey, more) => ({
  model: 'assistant',
  apiKey,
  configuration: { baseURL: given.baseURL },
  maxRetries: 0,
  ...more,
});
const chatOf = (apiKey, more = {}) => new ChatOpenAI(options(apiKey, more));
const chat = chatOf(given.secret);
const embeddings = (more = {}, apiKey = given.secret) => new OpenAIEmbeddings(options(apiKey, more));
const weather = {
  type: 'function',
  function: { name: 'weather', description: 'Tells the weather', parameters: weatherParameters },
};

/** The steps of one of the two wires that LangChain speaks. */
const stepsOf = (chat) => ({
  chat: async () => {
    const answer = await chat.invoke('hello');
    const { model_name: model, model: named } = answer.response_metadata;
    return { text: answer.text, total: answer.usage_metadata.total_tokens > 0, model: model ?? named };
  },
  stream: async () => {
    let [text, chunks, total] = ['', 0, 0];
    for await (const chunk of await chat.stream('one two three')) {
      chunks += 1;
      text += chunk.text;
      total += chunk.usage_metadata?.total_tokens ?? 0;
    }
    return { text, isChunked: chunks > 3, total: total > 0 };
  },
  tools: async () => {
    const armed = chat.bindTools([weather]);
    const question = new HumanMessage('[[tool:weather]]');
    const asked = await armed.invoke([question]);
    const [call] = asked.tool_calls;
    const told = await armed.invoke([question, asked, new ToolMessage({ content: 'sunny', tool_call_id: call.id })]);
    return { name: call.name, city: typeof call.args.city, text: told.text };
  },
  streamedTools: async () => {
    let whole;
    for await (const chunk of await chat.bindTools([weather]).stream('[[tool:weather]]'))
      whole = whole === undefined ? chunk : whole.concat(chunk);
    return whole.tool_calls.map(({ name, args }) => [name, typeof args.city]);
  },
  structured: async () => chat.withStructuredOutput(weatherParameters, { method: 'jsonSchema', name: 'reply' }).invoke('hello'),
});

await report({
  ...stepsOf(chat),
  ...Object.fromEntries(
    Object.entries(stepsOf(chatOf(given.secret, { useResponsesApi: true }))).map(([name, step]) => [`responses.${name}`, step]),
  ),
  embeddings: async () => {
    const [one, two, again] = await embeddings().embedDocuments(['a b', 'c', 'a b']);
    const floats = await embeddings({ encodingFormat: 'float' }).embedQuery('a b');
    const short = await embeddings({ dimensions: 17 }).embedQuery('a b');
    return {
      lengths: [one.length, short.length],
      same: [again, floats].every((vector) => String(rounded(vector)) === String(rounded(one))),
      other: String(one) !== String(two),
    };
  },
  wrongKey: () => chatOf(given.unknownSecret).invoke('hi'),
  missingScope: () => embeddings({}, given.chatSecret).embedQuery('x'),
  unknownModel: () => chatOf(given.secret, { model: 'no-such-model' }).invoke('hi'),
  rateLimit: () => chat.invoke('[[status:429]] [[retry-after:3]]'),
  providerFault: () => chat.invoke('[[status:500]]'),
  midStream: async () => {
    for await (const chunk of await chat.stream('[[cut:2]] a b c d e'))
      if (chunk.text === undefined) throw new Error('a chunk without text');
  },
  abort: async () => {
    const leave = new AbortController();
    let chunks = 0;
    for await (const _chunk of await chat.stream('[[chunks:10000]] [[pace:5]]', { signal: leave.signal }))
      if ((chunks += 1) === 3) leave.abort();
  },
});
