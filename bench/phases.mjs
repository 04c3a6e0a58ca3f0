/**
 * The kinds of requests that are measured. `body` gets a contestant's names for the models and a text that begins the
 * prompt; `unknownKeys` sends many well-formed keys that nobody was given; `freshAddresses` gives every request another
 * `X-Forwarded-For`.
 */
export const scenarios = {
  chat: { path: '/chat/completions', body: (models, prompt) => chatBody(models.chat, 900, prompt) },
  delayed: { path: '/chat/completions', body: (models, prompt) => chatBody(models.delayed, 900, prompt) },
  stream: { path: '/chat/completions', body: (models, prompt) => chatBody(models.chat, 900, prompt, { stream: true }) },
  paced: { path: '/chat/completions', body: (models, prompt) => chatBody(models.paced, 900, prompt, { stream: true }) },
  large: { path: '/chat/completions', body: (models, prompt) => chatBody(models.chat, 200 * 1024, prompt) },
  embedding: { path: '/embeddings', body: (models) => embeddingBody(models.embed, 'base64') },
  floats: { path: '/embeddings', body: (models) => embeddingBody(models.floats, 'float') },
  refused: {
    path: '/chat/completions',
    body: (models, prompt) => chatBody(models.chat, 900, prompt),
    unknownKeys: true,
    freshAddresses: true,
  },
  flood: { path: '/chat/completions', body: (models, prompt) => chatBody(models.chat, 900, prompt), unknownKeys: true },
};

/** Events of one stream that a client sees: 50 and `[DONE]`. */
export const streamEvents = 51;

/** Seconds that one paced stream lasts: 50 events, 20 ms apart. */
export const pacedStreamSeconds = 1;

/**
 * The phases, each measured in rounds over all contestants. `scenario` is what everyone is asked; `keyedScenario`, where
 * given, what those that know keys are asked instead. `direct` adds the upstream without a relay, for figures of added time.
 */
export const phases = [
  { id: 'json', title: 'JSON chat, 1 KB each way, 64 at once', scenario: 'chat', connections: 64 },
  { id: 'latency', title: 'JSON chat, upstream takes 10 ms, 8 at once', scenario: 'delayed', connections: 8, direct: true },
  {
    id: 'paced',
    title: '200 concurrent streams, 50 events, 20 ms apart',
    scenario: 'paced',
    connections: 200,
    staggerMs: pacedStreamSeconds * 1_000,
    streamEvents,
    direct: true,
    needsGenerator: true,
  },
  {
    id: 'streams',
    title: 'streams of 50 events as fast as they come, 64 at once',
    scenario: 'stream',
    connections: 64,
    streamEvents,
  },
  { id: 'large', title: 'JSON chat, 200 KB request bodies, 16 at once', scenario: 'large', connections: 16 },
  { id: 'embeddings', title: 'embeddings, 1,536 dimensions in base64, 64 at once', scenario: 'embedding', connections: 64 },
  { id: 'floats', title: 'embeddings, 1,536 dimensions as numbers, 64 at once', scenario: 'floats', connections: 64 },
  {
    id: 'refused',
    title: 'unknown keys, each request from another client address, 64 at once (nginx: JSON chat)',
    scenario: 'chat',
    keyedScenario: 'refused',
    keyedStatuses: ['401'],
    connections: 64,
  },
  {
    id: 'flood',
    title: 'unknown keys from one client address, 64 at once (nginx: JSON chat)',
    scenario: 'chat',
    keyedScenario: 'flood',
    keyedStatuses: ['401', '429'],
    connections: 64,
  },
];

const words = 'Every tenant has agents, keys and datasets of its own; a relay must carry them all without looking back. ';

function chatBody(model, characters, prompt, more = {}) {
  const content = prompt + words.repeat(Math.ceil(characters / words.length)).slice(0, characters);
  const messages = [
    { role: 'system', content: 'Answer shortly.' },
    { role: 'user', content },
  ];
  return JSON.stringify({ model, ...more, messages, temperature: 0.2 });
}

function embeddingBody(model, encoding) {
  return JSON.stringify({ model, input: words.trim(), encoding_format: encoding });
}
