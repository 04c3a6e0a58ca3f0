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

/**
 * Hostile inputs: `path`, `body` and the model of the upstream that answers; with `leave` the client goes after the first
 * bytes. Bodies of `huge` inputs are of the size that GT_MAX_JSON_BYTES allows, the others of about 4 MiB.
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
].map(([name, model, path, body, flags = {}]) => ({ name, model, path, body, ...flags }));
