import { createServer } from 'node:http';

/*
 * A provider that streams the same words as a chat, as a response, or in Anthropic's or Google's events, one event to a write, as fast as they are taken: a
 * model's tokens come one by one too. Of the model `timed` the second word comes a while after the first, so that a client
 * that waits for the first does not wait for the work on those behind it. Prints `port <n>` when it listens.
 */
const words = Number(process.argv[2]);
const betweenMs = 20;
const block = (event, name) => Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(event)}\n\n`);

const usage = { prompt_tokens: 9, completion_tokens: words, total_tokens: 9 + words };
const chunk = (choices, further = {}) =>
  block({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices, usage: null, ...further });
const chat = [
  chunk([{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }]),
  ...Array.from({ length: words }, () => chunk([{ index: 0, delta: { content: ' word' }, logprobs: null, finish_reason: null }])),
  chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]),
  chunk([], { usage }),
  Buffer.from('data: [DONE]\n\n'),
];

const text = ' word'.repeat(words);
const part = (said) => ({ type: 'output_text', text: said, annotations: [], logprobs: [] });
const item = (status, content) => ({ id: 'msg_1', type: 'message', role: 'assistant', status, content });
const response = (status, output, further = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  model: 'm',
  output,
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  previous_response_id: null,
  store: false,
  usage: null,
  ...further,
});
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const typed = [
  { type: 'response.created', response: response('in_progress', []) },
  { type: 'response.in_progress', response: response('in_progress', []) },
  { type: 'response.output_item.added', output_index: 0, item: item('in_progress', []) },
  { type: 'response.content_part.added', ...place, part: part('') },
  ...Array.from({ length: words }, () => ({ type: 'response.output_text.delta', ...place, delta: ' word', logprobs: [] })),
  { type: 'response.output_text.done', ...place, text, logprobs: [] },
  { type: 'response.content_part.done', ...place, part: part(text) },
  { type: 'response.output_item.done', output_index: 0, item: item('completed', [part(text)]) },
  {
    type: 'response.completed',
    response: response('completed', [item('completed', [part(text)])], {
      usage: {
        input_tokens: 9,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: words,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 9 + words,
      },
    }),
  },
].map((event, at) => block({ ...event, sequence_number: at }, event.type));

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] };
const messages = [
  {
    type: 'message_start',
    message: { ...message, stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, output_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...Array.from({ length: words }, () => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: ' word' },
  })),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: words } },
  { type: 'message_stop' },
].map((event) => block(event, event.type));

const candidate = (said, further = {}) => ({ content: { parts: [{ text: said }], role: 'model' }, index: 0, ...further });
const counted = { promptTokenCount: 9, candidatesTokenCount: words, totalTokenCount: 9 + words };
const contents = [
  ...Array.from({ length: words }, () => ({ candidates: [candidate(' word')], modelVersion: 'm', responseId: 'r' })),
  { candidates: [candidate('', { finishReason: 'STOP' })], usageMetadata: counted, modelVersion: 'm', responseId: 'r' },
].map((event) => block(event));

/** What is streamed below which path, and where its first word stands. */
const streams = [
  { path: /\/responses$/, events: typed },
  { path: /\/messages$/, events: messages },
  { path: /:streamGenerateContent/, events: contents },
  { path: /./, events: chat },
].map((stream) => ({ ...stream, first: stream.events.findIndex((event) => event.includes(' word')) }));

const server = createServer((request, reply) => {
  let isTimed = request.url.includes('/timed:');
  request.on('data', (asked) => (isTimed ||= asked.includes('"model":"timed"')));
  request.on('end', () => {
    const { events, first } = streams.find(({ path }) => path.test(request.url));
    const secondWord = 1 + first;
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    let at = 0;
    const next = () => {
      if (reply.destroyed) return;
      const isTaken = reply.write(events[at]);
      at += 1;
      if (at === events.length) reply.end();
      else if (isTimed && at === secondWord) setTimeout(next, betweenMs);
      else if (isTaken) setImmediate(next);
      else reply.once('drain', next);
    };
    next();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`));
