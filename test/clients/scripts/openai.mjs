import * as zod from 'zod';
import { responsesSteps } from './openai-responses.mjs';
import { given, report, rounded, weatherParameters } from './steps.mjs';

/** The same script for each version of the client that is installed. */
const { default: OpenAI, toFile } = await import(given.package);
const { zodTextFormat } = await import(`${given.package}/helpers/zod`);
const clientOf = (apiKey) => new OpenAI({ baseURL: given.baseURL, apiKey, maxRetries: 0 });
const client = clientOf(given.secret);
const user = (content) => [{ role: 'user', content }];
const tools = [{ type: 'function', function: { name: 'weather', parameters: weatherParameters } }];
const soundFile = () => toFile(Buffer.alloc(9000, 's'), 'talk.wav');
const chat = (content, more = {}) => client.chat.completions.create({ model: 'assistant', messages: user(content), ...more });

await report({
  chat: async () => {
    const { data, response } = await chat('hello').withResponse();
    return {
      content: data.choices[0].message.content,
      model: data.model,
      requestId: data._request_id === response.headers.get('x-request-id'),
    };
  },
  stream: async () => {
    let [content, chunks, finished] = ['', 0, ''];
    for await (const chunk of await chat('one two three', { stream: true })) {
      chunks += 1;
      content += chunk.choices[0]?.delta.content ?? '';
      finished = chunk.choices[0]?.finish_reason ?? finished;
    }
    return { content, finished, isChunked: chunks > 3 };
  },
  streamUsage: async () => {
    const answer = await client.chat.completions
      .stream({ model: 'assistant', messages: user('hi'), stream_options: { include_usage: true } })
      .finalChatCompletion();
    return { content: answer.choices[0].message.content, total: answer.usage.total_tokens };
  },
  tools: async () => {
    const { choices } = await chat('[[tool:weather]]', { tools });
    const [call] = choices[0].message.tool_calls;
    const answer = await chat('', {
      tools,
      messages: [...user('[[tool:weather]]'), choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }],
    });
    return {
      name: call.function.name,
      city: typeof JSON.parse(call.function.arguments).city,
      content: answer.choices[0].message.content,
    };
  },
  runTools: async () => {
    const run = {
      type: 'function',
      function: { name: 'weather', parameters: weatherParameters, parse: JSON.parse, function: () => 'rainy' },
    };
    return client.chat.completions
      .runTools({ model: 'assistant', messages: user('[[tool:weather]]'), tools: [run], stream: true })
      .finalContent();
  },
  embeddings: async () => {
    const usual = await client.embeddings.create({ model: 'assistant', input: ['a b', 'c'] });
    const floats = await client.embeddings.create({ model: 'assistant', input: ['a b', 'c'], encoding_format: 'float' });
    const text = await client.embeddings.create({ model: 'assistant', input: 'a b', encoding_format: 'base64' });
    const same =
      JSON.stringify(usual.data.map((one) => rounded(one.embedding))) ===
      JSON.stringify(floats.data.map((one) => rounded(one.embedding)));
    return { same, length: usual.data[0].embedding.length, base64: typeof text.data[0].embedding, model: usual.model };
  },
  models: async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids, one: (await client.models.retrieve('assistant')).id };
  },
  completions: async () => (await client.completions.create({ model: 'assistant', prompt: 'hi' })).choices[0].text,
  completionsStream: async () => {
    let text = '';
    for await (const { choices } of await client.completions.create({ model: 'assistant', prompt: 'one two', stream: true }))
      text += choices[0]?.text ?? '';
    return text;
  },
  moderations: async () => {
    const { model, results } = await client.moderations.create({ model: 'studio', input: ['peace', 'violence'] });
    return { model, flagged: results.map((one) => one.flagged) };
  },
  images: async () => {
    const { data } = await client.images.generate({ model: 'studio', prompt: 'a harbour', response_format: 'url' });
    return Buffer.from(data[0].b64_json, 'base64').toString('latin1', 1, 4);
  },
  imageStream: async () => {
    const asked = { model: 'studio', prompt: 'a harbour', stream: true, partial_images: 1 };
    const types = [];
    for await (const event of await client.images.generate(asked)) types.push(event.type);
    return types;
  },
  speech: async () => {
    const asked = { model: 'studio', voice: 'alloy', input: 'hello' };
    const reply = await client.audio.speech.create({ ...asked, response_format: 'wav' });
    return Buffer.from(await reply.arrayBuffer()).toString('latin1', 0, 4);
  },
  ...responsesSteps(client, zodTextFormat, zod),
  stored: async () => {
    const made = await chat('keep this', { store: true, metadata: { step: given.baseURL } });
    const { completions } = client.chat;
    const listed = [];
    for await (const one of completions.list({ metadata: { step: given.baseURL }, limit: 1 })) listed.push(one.id);
    const found = await completions.retrieve(made.id);
    const said = [];
    for await (const message of completions.messages.list(made.id)) said.push(message.content);
    const updated = await completions.update(made.id, { metadata: { step: 'changed' } });
    const removed = await completions.delete(made.id);
    const gone = await completions.retrieve(made.id).catch((error) => error.status);
    return {
      isListed: listed.includes(made.id),
      content: found.choices[0].message.content,
      said,
      metadata: updated.metadata,
      removed: removed.deleted,
      gone,
    };
  },
  transcription: async () => {
    const asked = { model: 'studio', file: await soundFile() };
    const { text } = await client.audio.transcriptions.create(asked);
    const srt = await client.audio.transcriptions.create({ ...asked, file: await soundFile(), response_format: 'srt' });
    return { text: text.split(' (')[0], srt: srt.split('\n')[0] };
  },
  transcriptionStream: async () => {
    const types = [];
    const asked = { model: 'studio', file: await soundFile(), stream: true };
    for await (const event of await client.audio.transcriptions.create(asked)) types.push(event.type);
    return [types[0], types.at(-1)];
  },
  transcriptionForms: async () => {
    const inForm = async (response_format) =>
      client.audio.transcriptions.create({ model: 'studio', file: await soundFile(), response_format });
    const [text, vtt, verbose] = [await inForm('text'), await inForm('vtt'), await inForm('verbose_json')];
    return { text: text.split(' (')[0], vtt: vtt.split('\n')[0], segments: verbose.segments.length > 0 };
  },
  speechEvents: async () => {
    const asked = { model: 'studio', voice: 'alloy', input: 'hello', stream_format: 'sse' };
    const reply = await client.audio.speech.create(asked);
    const types = (await reply.text())
      .split('\n')
      .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)).type] : []));
    return [types[0], types.at(-1)];
  },
  imageEditStream: async () => {
    const image = await toFile(Buffer.alloc(2000, 'i'), 'a.png', { type: 'image/png' });
    const types = [];
    for await (const event of await client.images.edit({
      model: 'studio',
      prompt: 'a harbour',
      image,
      stream: true,
      partial_images: 1,
    }))
      types.push(event.type);
    return types;
  },
  translation: async () => {
    const { text } = await client.audio.translations.create({ model: 'studio', file: await soundFile() });
    return text.split(' (')[0];
  },
  imageEdit: async () => {
    const image = () => toFile(Buffer.alloc(2000, 'i'), 'a.png', { type: 'image/png' });
    const asked = { model: 'studio', prompt: 'a harbour', image: [await image(), await image()], mask: await image() };
    const { data } = await client.images.edit(asked);
    return Buffer.from(data[0].b64_json, 'base64').toString('latin1', 1, 4);
  },
  imageVariation: async () => {
    const image = await toFile(Buffer.alloc(2000, 'i'), 'a.png', { type: 'image/png' });
    const { data } = await client.images.createVariation({ model: 'studio', image, n: 2 });
    return data.length;
  },
  wrongKey: () => clientOf(given.unknownSecret).models.list(),
  missingScope: () => clientOf(given.chatSecret).embeddings.create({ model: 'assistant', input: 'x' }),
  unknownModel: () => chat('x', { model: 'no-such-model' }),
  unknownRoute: () => client.get('/no/such/route'),
  badRequest: () => client.chat.completions.create({ model: 'assistant' }),
  rateLimit: () => chat('[[status:429]] [[retry-after:3]]'),
  providerFault: () => chat('[[status:500]]'),
  midStream: async () => {
    for await (const chunk of await chat('[[cut:2]] a b c d e', { stream: true }))
      if (chunk.choices.length === 0) throw new Error('an empty chunk');
  },
  abort: async () => {
    const stream = await chat('[[chunks:10000]] [[pace:5]]', { stream: true });
    let chunks = 0;
    for await (const _chunk of stream) if ((chunks += 1) === 3) stream.controller.abort();
    return { chunks: chunks < 10 };
  },
  abortBefore: async () => {
    const leave = new AbortController();
    setTimeout(() => leave.abort(), 100);
    return client.chat.completions.create({ model: 'assistant', messages: user('[[hang]]') }, { signal: leave.signal });
  },
});
