import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  embedMany,
  experimental_generateSpeech as generateSpeech,
  experimental_transcribe as transcribe,
  generateImage,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { described, given, report, rounded, weatherParameters } from './steps.mjs';

const openai = (apiKey) => createOpenAI({ baseURL: given.baseURL, apiKey });

/** Vercel's providers for OpenAI's API. The default of its own for OpenAI speaks Responses. */
const providers = {
  openai: (apiKey) => ({
    chat: (model) => openai(apiKey)(model),
    embedding: (model) => openai(apiKey).embedding(model),
    image: (model) => openai(apiKey).image(model),
    speech: (model) => openai(apiKey).speech(model),
    transcription: (model) => openai(apiKey).transcription(model),
  }),
  'openai.chat': (apiKey) => ({
    chat: (model) => openai(apiKey).chat(model),
    embedding: (model) => openai(apiKey).embedding(model),
  }),
  compatible: (apiKey) => {
    const provider = createOpenAICompatible({
      name: 'gt',
      baseURL: given.baseURL,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return { chat: (model) => provider.chatModel(model), embedding: (model) => provider.textEmbeddingModel(model) };
  },
};
const of = providers[given.provider];
const { chat, embedding, image, speech, transcription } = of(given.secret);
const ask = (prompt, more = {}) => ({ model: chat('assistant'), prompt, maxRetries: 0, ...more });
const weather = (execute) =>
  tool({ description: 'Tells the weather', inputSchema: jsonSchema(weatherParameters), ...(execute ? { execute } : {}) });

await report({
  chat: async () => {
    const { text, usage, response } = await generateText(ask('hello'));
    return { text, total: usage.totalTokens > 0, model: response.modelId };
  },
  stream: async () => {
    const result = streamText(ask('one two three'));
    let [text, parts] = ['', 0];
    for await (const part of result.textStream) [text, parts] = [text + part, parts + 1];
    return { text, isChunked: parts > 2, finished: await result.finishReason, total: (await result.usage).totalTokens > 0 };
  },
  tools: async () => {
    const { text, steps } = await generateText(
      ask('[[tool:weather]]', { tools: { weather: weather(() => 'sunny') }, stopWhen: stepCountIs(3) }),
    );
    return { text, calls: steps.flatMap((step) => step.toolCalls.map((call) => call.toolName)) };
  },
  streamedLoop: async () => {
    const result = streamText(ask('[[tool:weather]]', { tools: { weather: weather(() => 'sunny') }, stopWhen: stepCountIs(3) }));
    let text = '';
    for await (const part of result.textStream) text += part;
    return { text, finished: await result.finishReason };
  },
  streamedTools: async () => {
    const result = streamText(ask('[[tool:weather]]', { tools: { weather: weather() } }));
    const calls = [];
    for await (const part of result.fullStream)
      if (part.type === 'tool-call') calls.push([part.toolName, typeof part.input.city]);
    return calls;
  },
  object: async () => (await generateObject(ask('hello', { schema: jsonSchema(weatherParameters) }))).object,
  embeddings: async () => {
    const { embeddings } = await embedMany({ model: embedding('assistant'), values: ['a b', 'c', 'a b'], maxRetries: 0 });
    return {
      length: embeddings[0].length,
      same: JSON.stringify(rounded(embeddings[0])) === JSON.stringify(rounded(embeddings[2])),
    };
  },
  wrongKey: () => generateText({ ...ask('hi'), model: of(given.unknownSecret).chat('assistant') }),
  missingScope: () => embedMany({ model: of(given.chatSecret).embedding('assistant'), values: ['x'], maxRetries: 0 }),
  unknownModel: () => generateText(ask('hi', { model: chat('no-such-model') })),
  rateLimit: () => generateText(ask('[[status:429]] [[retry-after:3]]')),
  providerFault: () => generateText(ask('[[status:500]]')),
  ...(image
    ? {
        image: async () => {
          const { images } = await generateImage({ model: image('studio'), prompt: 'a harbour', maxRetries: 0 });
          return Buffer.from(images[0].base64, 'base64').toString('latin1', 1, 4);
        },
        speech: async () => {
          const { audio } = await generateSpeech({ model: speech('studio'), text: 'hi', outputFormat: 'wav', maxRetries: 0 });
          return Buffer.from(audio.uint8Array).toString('latin1', 0, 4);
        },
        transcription: async () => {
          const asked = { model: transcription('studio'), audio: Buffer.alloc(9000, 's'), maxRetries: 0 };
          const { text } = await transcribe(asked);
          // With options of its own the client asks for segments.
          const long = await transcribe({ ...asked, providerOptions: { openai: { timestampGranularities: ['segment'] } } });
          return { text: text.split(' (')[0], segments: long.segments.length, seconds: long.durationInSeconds > 0 };
        },
      }
    : {}),
  midStream: async () => {
    const result = streamText(ask('[[cut:2]] a b c d e', { onError: () => undefined }));
    const seen = { text: '', errors: [], finished: null };
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') seen.text += part.text;
      if (part.type === 'error')
        seen.errors.push(part.error?.constructor?.name === 'Object' ? part.error : described(part.error));
      if (part.type === 'finish') seen.finished = part.finishReason;
    }
    return seen;
  },
  abort: async () => {
    const leave = new AbortController();
    const result = streamText(ask('[[chunks:10000]] [[pace:5]]', { abortSignal: leave.signal, onError: () => undefined }));
    let parts = 0;
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta' && (parts += 1) === 3) leave.abort();
    }
    return { parts: parts < 10 };
  },
});
