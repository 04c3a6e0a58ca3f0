import { given, report, weatherParameters } from './steps.mjs';

/** The same script for each version of the client that is installed. */
const { default: OpenAI } = await import(given.package);
const { ResponsesWS } = await import(`${given.package}/resources/responses/ws`);

const clientOf = (apiKey) => new OpenAI({ apiKey, baseURL: given.baseURL, maxRetries: 0 });
const tool = { type: 'function', name: 'weather', parameters: weatherParameters, strict: false };

/** Opens a socket, runs the work and closes it. `ask` gives all events of one response. */
async function onSocket(work, secret = given.secret) {
  const socket = new ResponsesWS(clientOf(secret));
  const waiting = [];
  const errors = [];
  let wake = () => undefined;
  socket.on('event', (event) => {
    waiting.push(event);
    wake();
  });
  socket.on('error', (error) => {
    errors.push(error);
    wake();
  });
  const next = async () => {
    while (waiting.length === 0) {
      if (errors.length > 0) throw errors[0];
      await new Promise((resolve) => (wake = resolve));
    }
    return waiting.shift();
  };
  const ask = async (frame) => {
    socket.send({ type: 'response.create', model: 'assistant', ...frame });
    const events = [];
    for (;;) {
      const event = await next();
      events.push(event);
      if (['response.completed', 'response.incomplete', 'response.failed', 'error'].includes(event.type)) return events;
    }
  };
  // Older versions send nothing before the socket is open.
  if (given.package === 'openai')
    await new Promise((resolve) => ['open', 'error', 'close'].forEach((sign) => socket.socket.once(sign, resolve)));
  try {
    if (errors.length > 0) throw errors[0];
    return await work(ask);
  } finally {
    socket.close();
  }
}

const textOf = ({ response }) => response.output.at(-1).content[0].text;

await report({
  text: () =>
    onSocket(async (ask) => {
      const events = await ask({ input: 'hello' });
      const deltas = events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta);
      return { first: events[0].type, streamed: deltas.join(''), text: textOf(events.at(-1)) };
    }),
  chain: () =>
    onSocket(async (ask) => {
      const prepared = await ask({ input: 'one', store: false, generate: false });
      const first = await ask({ input: 'two', store: false, previous_response_id: prepared.at(-1).response.id });
      const last = await ask({ input: 'three', store: false, previous_response_id: first.at(-1).response.id });
      return { prepared: prepared.at(-1).response.output, text: textOf(last.at(-1)) };
    }),
  toolLoop: () =>
    onSocket(async (ask) => {
      const first = await ask({ input: '[[tool]] weather?', tools: [tool], store: false });
      const call = first.at(-1).response.output.find(({ type }) => type === 'function_call');
      const output = { type: 'function_call_output', call_id: call.call_id, output: 'sunny' };
      const last = await ask({ input: [output], tools: [tool], store: false, previous_response_id: first.at(-1).response.id });
      return { name: call.name, text: textOf(last.at(-1)) };
    }),
  wrongKey: () => onSocket((ask) => ask({ input: 'hello' }), given.unknownSecret),
});
