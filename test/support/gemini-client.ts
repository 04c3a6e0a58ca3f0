import { isFields, type Fields } from '../../src/kernel/fields.js';
import { readProvider } from '../../src/modules/inference/call/provider-json.js';
import type { ChatReader } from '../../src/modules/inference/dialects/dialect.js';
import { geminiChat } from '../../src/modules/inference/dialects/gemini/gemini-dialect.js';
import { AnsweredChoices } from '../../src/modules/inference/chunks/answered-choices.js';
import { printExact, readExact } from '../../src/modules/inference/wire/exact-json.js';

/** What was answered to a chat. */
export interface ToldChat {
  /** Of the HTTP answer. */
  readonly status: number;
  /** The choices as a whole answer has them; empty where the answer is not whole. */
  readonly choices: readonly Fields[];
  readonly usage: Fields | undefined;
  readonly error: string | undefined;
  /** What Gemini wants back with its calls. */
  readonly kept: ReadonlyMap<string, Fields>;
}

interface Wanted {
  readonly streamed?: boolean;
  readonly kept?: ReadonlyMap<string, Fields>;
}

/** Asks a Gemini by the dialect, and gathers what its reader says. @param url ends with `/v1beta`. */
export async function askGemini(url: string, chat: Fields, { streamed = false, kept }: Wanted = {}): Promise<ToldChat> {
  const read = exact(chat);
  const { path, body } = geminiChat.request(read, { stream: streamed, kept: (id) => kept?.get(id) });
  const response = await fetch(url + path, { method: 'POST', headers: { 'x-goog-api-key': 'a-key' }, body: printExact(body) });
  const text = await textOf(response);
  const reader = geminiChat.reader(read);
  if (streamed && response.ok) return { status: response.status, ...gathered(reader, eventsIn(text)) };
  const given = parsed(text);
  const whole = given === undefined ? {} : reader.whole(given);
  return { status: response.status, ...toldIn(reader, whole['choices'] as readonly Fields[] | undefined, whole) };
}

/** What a reader says of a stream. */
export function gathered(reader: ChatReader, events: readonly Fields[]): Omit<ToldChat, 'status'> {
  const chunks = events.flatMap((event) => reader.take(event));
  const end = reader.end();
  const choices = new AnsweredChoices();
  const all = [...chunks, ...(end ?? [])];
  for (const { choices: told } of all) choices.add(Array.isArray(told) ? told : []);
  return toldIn(reader, end === undefined ? undefined : choices.whole(), Object.assign({}, ...all) as Fields);
}

/** A chat as the platform reads it: its numbers as they were written. */
export function exact(chat: Fields): Fields {
  const text = printExact(chat);
  return readExact(Buffer.from(text), JSON.parse(text)) as Fields;
}

function toldIn(reader: ChatReader, choices: readonly Fields[] | undefined, { usage, error }: Fields): Omit<ToldChat, 'status'> {
  return {
    choices: choices ?? [],
    usage: isFields(usage) ? usage : undefined,
    error: isFields(error) ? String(error['message']) : undefined,
    kept: reader.kept,
  };
}

/** The text that came, also where the connection broke. */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
  } catch {
    // What came before is judged.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function eventsIn(text: string): Fields[] {
  return text
    .split('\r\n\r\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => readProvider(Buffer.from(block.slice('data: '.length))));
}

function parsed(text: string): Fields | undefined {
  try {
    return readProvider(Buffer.from(text));
  } catch {
    return undefined;
  }
}
