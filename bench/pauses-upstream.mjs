import { createServer } from 'node:http';

/*
 * A provider whose replies are as hard to read as they can be; the model's name says which. It tells no usage where the
 * relay would otherwise have nothing to count. Prints `port <n>` when it listens.
 */
const letters = 'abcdefghij'.repeat(400_000);
const json = (value) => (response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(typeof value === 'string' ? value : JSON.stringify(value));
const chat = (content, further = {}) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  ...further,
});
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Hello.', annotations: [], logprobs: [] }],
    },
  ],
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
};
const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const events =
  (...all) =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end([...all, 'data: [DONE]\n\n'].join(''));
const vector = JSON.stringify(Array.from({ length: 1_536 }, (_none, at) => Math.sin(at)));

const answers = {
  short: json(chat('Hello.')),
  'long-word': json(chat(letters)),
  members: json(
    `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]${',"a":1'.repeat(1_000_000)}}`,
  ),
  nested: json(
    `{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"deep":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`,
  ),
  // Left open: whoever asked leaves before the usage is told.
  held: (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk({ content: 'Hel' })),
  'long-event': events(chunk({ content: letters }), chunk({}, 'stop')),
  'long-arguments': events(
    chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: letters } }] }),
    chunk({}, 'tool_calls'),
  ),
  'many-events': events(...Array.from({ length: 50_000 }, () => chunk({ content: 'word ' })), chunk({}, 'stop')),
  'huge-error': (response) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: 'a-'.repeat(2_000_000) } })),
  'error-of-dots': (response) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: 'a.'.repeat(60_000) } })),
  vectors: json(
    `{"object":"list","data":[${Array.from({ length: 1_000 }, (_none, index) => `{"object":"embedding","index":${index},"embedding":${vector}}`).join(',')}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}`,
  ),
};

const server = createServer((request, reply) => {
  const parts = [];
  request.on('data', (bytes) => parts.push(bytes));
  request.on('end', () => {
    const model = /"model"\s*:\s*"([^"]+)"/.exec(Buffer.concat(parts).toString('latin1'))?.[1] ?? '';
    if (request.url?.endsWith('/responses')) json(response)(reply);
    else (answers[model] ?? answers.short)(reply);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
