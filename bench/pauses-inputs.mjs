const letters = 'abcdefghij';
const word = letters.repeat(400_000);
const messages = [{ role: 'user', content: 'Hello' }];
const tool = (at) => ({
  type: 'function',
  function: {
    name: `tool_${at}`,
    description: 'Does it.',
    parameters: { type: 'object', properties: { a: { type: 'string' } } },
  },
});
const chat = (model, further) => JSON.stringify({ model, messages, ...further });
const ask = (content) => [{ role: 'user', content }];
const sentence = 'Some words of a long talk. '.repeat(12);
/** A talk of so many items: what a user says, a call of a tool, its result and an answer in turn. */
const talk = (length) =>
  Array.from({ length }, (_none, at) => {
    const call_id = `call_${at - (at % 4)}`;
    if (at % 4 === 0) return { role: 'user', content: sentence };
    if (at % 4 === 1) return { type: 'function_call', call_id, name: 'look', arguments: JSON.stringify({ for: sentence }) };
    if (at % 4 === 2) return { type: 'function_call_output', call_id, output: sentence };
    return { role: 'assistant', content: [{ type: 'output_text', text: sentence }] };
  });
const respond = (model, input, further) => JSON.stringify({ model, input, store: false, ...further });

/**
 * Hostile inputs: `path`, `body` and the model of the upstream that answers; with `leave` the client goes after the first
 * bytes, with `wire` the provider speaks only that, with `behind` a stored response to that body comes first, and this one
 * goes on from it. Bodies of `huge` inputs are of the size that GT_MAX_JSON_BYTES allows, the others of about 4 MiB.
 */
export const inputs = [
  ['chat, one word', 'short', '/chat/completions', (model) => chat(model, { messages: ask(word) })],
  [
    'chat, one word, left by the client',
    'held',
    '/chat/completions',
    (model) => chat(model, { stream: true, messages: ask(word) }),
    { leave: true },
  ],
  [
    'chat, ideographs, left by the client',
    'held',
    '/chat/completions',
    (model) => chat(model, { stream: true, messages: ask('日本国憲法'.repeat(250_000)) }),
    { leave: true },
  ],
  [
    'chat, deep JSON',
    'short',
    '/chat/completions',
    (model) => `{"model":"${model}","messages":[],"x":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`,
  ],
  [
    'chat, deep JSON within its limit',
    'short',
    '/chat/completions',
    (model) => chat(model, { metadata: `${'['.repeat(200)}${']'.repeat(200)}` }),
  ],
  [
    'chat, 10,000 tools',
    'short',
    '/chat/completions',
    (model) => chat(model, { tools: Array.from({ length: 10_000 }, (_none, at) => tool(at)) }),
  ],
  [
    'chat, 100,000 messages',
    'short',
    '/chat/completions',
    (model) => chat(model, { messages: Array.from({ length: 100_000 }, () => messages[0]) }),
  ],
  ['chat, 1,000,000 members', 'short', '/chat/completions', (model) => `{"model":"${model}"${',"a":1'.repeat(700_000)}}`],
  [
    'chat, 1,000,000 nested members',
    'short',
    '/chat/completions',
    (model) => `{"model":"${model}","messages":[{"role":"user","content":"x"}],"metadata":{"b":2${',"a":1'.repeat(650_000)}}}`,
  ],
  ['chat, escapes', 'short', '/chat/completions', (model) => chat(model, { messages: ask('\\"\n'.repeat(650_000)) })],
  [
    'chat in a conversation, one word',
    'short',
    '/chat/completions',
    (model) => chat(model, { messages: ask(word) }),
    { conversation: true },
  ],
  ['chat, a long reply without usage', 'long-word', '/chat/completions', chat],
  ['chat, a reply of 1,000,000 members', 'members', '/chat/completions', chat],
  ['chat, a deep reply', 'nested', '/chat/completions', chat],
  ['chat, 4 MB in one event', 'long-event', '/chat/completions', (model) => chat(model, { stream: true })],
  ['chat, 4 MB of arguments in one event', 'long-arguments', '/chat/completions', (model) => chat(model, { stream: true })],
  [
    'chat in a conversation, 4 MB in one event',
    'long-event',
    '/chat/completions',
    (model) => chat(model, { stream: true }),
    { conversation: true },
  ],
  ['chat, 50,000 events at once', 'many-events', '/chat/completions', (model) => chat(model, { stream: true })],
  ['chat, an error of 4 MB', 'huge-error', '/chat/completions', chat],
  ['chat, an error of 120,000 names', 'error-of-dots', '/chat/completions', chat],
  ['completions, one word', 'short', '/completions', (model) => JSON.stringify({ model, prompt: word })],
  [
    'completions, 1,000,000 tokens',
    'short',
    '/completions',
    (model) => JSON.stringify({ model, prompt: Array(800_000).fill(7) }),
  ],
  [
    'embeddings, 200,000 inputs',
    'short',
    '/embeddings',
    (model) => JSON.stringify({ model, input: Array(200_000).fill('some text') }),
  ],
  ['embeddings, 1,000 vectors of 1,536', 'vectors', '/embeddings', (model) => JSON.stringify({ model, input: 'x' })],
  [
    'embeddings, the same in base64',
    'vectors',
    '/embeddings',
    (model) => JSON.stringify({ model, input: 'x', encoding_format: 'base64' }),
  ],
  ['responses, one word', 'short', '/responses', (model) => respond(model, word)],
  ['responses, 10,000 items', 'short', '/responses', (model) => respond(model, talk(10_000))],
  ['responses, 10,000 items, stored', 'short', '/responses', (model) => respond(model, talk(10_000), { store: true })],
  ['responses, 30,000 small items', 'short', '/responses', (model) => respond(model, Array(30_000).fill(ask('x')[0]))],
  ['responses over chat, one word', 'short', '/responses', (model) => respond(model, word), { wire: 'chat' }],
  ['responses over chat, 10,000 items', 'short', '/responses', (model) => respond(model, talk(10_000)), { wire: 'chat' }],
  [
    'responses over chat, 10,000 items, stored',
    'short',
    '/responses',
    (model) => respond(model, talk(10_000), { store: true }),
    { wire: 'chat' },
  ],
  [
    'responses over chat, 30,000 small items',
    'short',
    '/responses',
    (model) => respond(model, Array(30_000).fill(ask('x')[0])),
    { wire: 'chat' },
  ],
  [
    'responses over chat, behind 10,000 items',
    'short',
    '/responses',
    (model) => respond(model, 'Go on.', { store: true }),
    { wire: 'chat', behind: (model) => respond(model, talk(10_000), { store: true }) },
  ],
  [
    'chat over responses, 10,000 messages',
    'short',
    '/chat/completions',
    (model) => chat(model, { messages: Array.from({ length: 10_000 }, () => ask(sentence)[0]) }),
    { wire: 'responses' },
  ],
  ['conversations, 4 MB of metadata', 'short', '/conversations', () => JSON.stringify({ metadata: { a: word } })],
  [
    'conversations, 100,000 items',
    'short',
    '/conversations',
    () => JSON.stringify({ items: Array(60_000).fill({ type: 'message', role: 'user', content: 'x' }) }),
  ],
  [
    'chat, 19 MB, one word',
    'short',
    '/chat/completions',
    (model) => chat(model, { messages: ask(letters.repeat(1_900_000)) }),
    { huge: true },
  ],
  [
    'chat, 19 MB, left by the client',
    'held',
    '/chat/completions',
    (model) => chat(model, { stream: true, messages: ask(letters.repeat(1_900_000)) }),
    { huge: true, leave: true },
  ],
  [
    'chat, 19 MB, brackets',
    'held',
    '/chat/completions',
    (model) => `{"model":"${model}","stream":true,"messages":[${'[],'.repeat(6_000_000)}{"role":"user","content":"x"}]}`,
    { huge: true, leave: true },
  ],
  [
    'conversations, 19 MB',
    'short',
    '/conversations',
    () => JSON.stringify({ items: Array(250_000).fill({ type: 'message', role: 'user', content: 'x' }) }),
    { huge: true },
  ],
].map(([name, model, path, body, flags = {}]) => ({ name, model, path, body, wire: 'openai', ...flags }));
