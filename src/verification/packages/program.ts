import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the program is told by its caller, in one variable of its environment. */
export interface Told {
  readonly client: string;
  /** The folder in whose `node_modules` the client is. */
  readonly folder: string;
  readonly baseURL: string;
  readonly apiKey: string;
  readonly model: string;
  readonly embedModel: string | null;
  readonly question: string;
}

/** What one step gave. */
export type Given = { readonly seen: string } | { readonly wrong: string };

type Step = () => Promise<string>;

const told = JSON.parse(process.argv[2] ?? '{}') as Omit<Told, 'apiKey'>;
const apiKey = await readKey();
const { baseURL, model, embedModel, question } = told;

/** The key comes on the standard input: lists of processes show arguments. */
async function readKey(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin) text += String(piece);
  return text;
}

/** Loads a package from the folder of the clients, as a module of theirs would. */
async function load<T>(name: string): Promise<T> {
  const require = createRequire(join(told.folder, 'package.json'));
  return (await import(pathToFileURL(require.resolve(name)).href)) as T;
}

interface Pieces {
  [Symbol.asyncIterator](): AsyncIterator<{
    readonly text?: string;
    readonly choices?: { readonly delta?: { readonly content?: string | null } }[];
  }>;
}

async function openai(): Promise<Record<string, Step>> {
  interface Sdk {
    readonly chat: {
      readonly completions: { create(body: object): Promise<{ choices: { message: { content: string } }[] } & Pieces> };
    };
    readonly embeddings: { create(body: object): Promise<{ data: { embedding: number[] }[] }> };
  }
  const { default: OpenAI } = await load<{ default: new (options: object) => Sdk }>('openai');
  const client = new OpenAI({ baseURL, apiKey });
  const messages = [{ role: 'user', content: question }];
  return {
    answer: async () => (await client.chat.completions.create({ model, messages })).choices[0]?.message.content ?? '',
    stream: async () => {
      let text = '';
      for await (const piece of await client.chat.completions.create({ model, messages, stream: true }))
        text += piece.choices?.[0]?.delta?.content ?? '';
      return text;
    },
    embeddings: async () => numbers((await client.embeddings.create({ model: embedModel, input: question })).data[0]?.embedding),
  };
}

async function vercel(): Promise<Record<string, Step>> {
  interface Provider {
    chatModel(name: string): object;
    textEmbeddingModel(name: string | null): object;
  }
  interface Ai {
    generateText(options: object): Promise<{ text: string }>;
    streamText(options: object): { textStream: AsyncIterable<string> };
    embed(options: object): Promise<{ embedding: number[] }>;
  }
  const { createOpenAICompatible } = await load<{ createOpenAICompatible(options: object): Provider }>(
    '@ai-sdk/openai-compatible',
  );
  const { generateText, streamText, embed } = await load<Ai>('ai');
  const provider = createOpenAICompatible({ name: 'gt', baseURL, apiKey });
  return {
    answer: async () => (await generateText({ model: provider.chatModel(model), prompt: question })).text,
    stream: async () => {
      let text = '';
      for await (const piece of streamText({ model: provider.chatModel(model), prompt: question }).textStream) text += piece;
      return text;
    },
    embeddings: async () => numbers((await embed({ model: provider.textEmbeddingModel(embedModel), value: question })).embedding),
  };
}

async function langchain(): Promise<Record<string, Step>> {
  interface Chat {
    invoke(text: string): Promise<{ text: string }>;
    stream(text: string): Promise<Pieces>;
  }
  interface LangChain {
    ChatOpenAI: new (options: object) => Chat;
    OpenAIEmbeddings: new (options: object) => { embedQuery(text: string): Promise<number[]> };
  }
  const { ChatOpenAI, OpenAIEmbeddings } = await load<LangChain>('@langchain/openai');
  const options = { apiKey, configuration: { baseURL } };
  const chat = new ChatOpenAI({ ...options, model });
  return {
    answer: async () => (await chat.invoke(question)).text,
    stream: async () => {
      let text = '';
      for await (const piece of await chat.stream(question)) text += piece.text ?? '';
      return text;
    },
    embeddings: async () => numbers(await new OpenAIEmbeddings({ ...options, model: embedModel }).embedQuery(question)),
  };
}

async function llamaindex(): Promise<Record<string, Step>> {
  interface Chat {
    chat(asked: { messages: object[] }): Promise<{ message: { content: string } }>;
    chat(asked: { messages: object[]; stream: true }): Promise<AsyncIterable<{ delta: string }>>;
  }
  interface LlamaIndex {
    OpenAI: new (options: object) => Chat;
    OpenAIEmbedding: new (options: object) => { getTextEmbedding(text: string): Promise<number[]> };
  }
  const { OpenAI, OpenAIEmbedding } = await load<LlamaIndex>('@llamaindex/openai');
  const chat = new OpenAI({ apiKey, baseURL, model });
  const messages = [{ role: 'user', content: question }];
  return {
    answer: async () => (await chat.chat({ messages })).message.content,
    stream: async () => {
      let text = '';
      for await (const { delta } of await chat.chat({ messages, stream: true })) text += delta;
      return text;
    },
    embeddings: async () => numbers(await new OpenAIEmbedding({ apiKey, baseURL, model: embedModel }).getTextEmbedding(question)),
  };
}

async function agents(): Promise<Record<string, Step>> {
  interface Run {
    readonly finalOutput: string;
    readonly completed: Promise<void>;
    toTextStream(): AsyncIterable<string>;
  }
  interface Agents {
    Agent: new (options: object) => object;
    OpenAIProvider: new (options: object) => object;
    Runner: new (options: object) => { run(agent: object, text: string, options?: object): Promise<Run> };
    setTracingDisabled(isOff: boolean): void;
  }
  const { Agent, OpenAIProvider, Runner, setTracingDisabled } = await load<Agents>('@openai/agents');
  setTracingDisabled(true);
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ apiKey, baseURL, useResponses: true }),
    tracingDisabled: true,
  });
  const agent = new Agent({ name: 'Helper', instructions: 'Answer briefly.', model });
  return {
    answer: async () => (await runner.run(agent, question)).finalOutput,
    stream: async () => {
      const run = await runner.run(agent, question, { stream: true });
      let text = '';
      for await (const piece of run.toTextStream()) text += piece;
      await run.completed;
      return text;
    },
  };
}

function numbers(embedding: readonly number[] | undefined): string {
  return embedding === undefined || embedding.length === 0 ? '' : `${embedding.length} numbers`;
}

const programs: Readonly<Record<string, () => Promise<Record<string, Step>>>> = {
  openai,
  ai: vercel,
  '@langchain/openai': langchain,
  '@llamaindex/openai': llamaindex,
  '@openai/agents': agents,
};

async function tried(step: Step): Promise<Given> {
  try {
    const seen = await step();
    return seen === '' ? { wrong: 'gives nothing' } : { seen: seen.slice(0, 200) };
  } catch (error) {
    const { status, message } = error as { readonly status?: unknown; readonly message?: unknown };
    return { wrong: `fails${typeof status === 'number' ? ` with status ${status}` : ''}: ${String(message).slice(0, 300)}` };
  }
}

const steps = await programs[told.client]?.();
const given: Record<string, Given> = {};
for (const [name, step] of Object.entries(steps ?? {}))
  if (name !== 'embeddings' || embedModel !== null) given[name] = await tried(step);
process.stdout.write(`\n${JSON.stringify(given)}`);
