import { NOTHING, readJson, textOf, type Interest, type JsonReader } from './json-strings.js';

/** What a call said, to be counted. */
export interface CallTexts {
  readonly texts: readonly string[];
  /** Tokens that stood there as numbers. */
  readonly ids: number;
  /** Bytes of texts that were left out: those that are read have a limit. */
  readonly leftBytes: number;
}

/** Members of a message that are no text to a model: addresses and bytes of images, sounds and files. */
const notText = new Set(['image_url', 'input_audio', 'file', 'type']);
/** Tools up to this size are counted in their shortest form, as most providers see them. */
const longestRewritten = 256 * 1024;

const requestBody = 1;
const text = 2;
const input = 3;
const inputList = 4;
const inputListOfLists = 5;
const tools = 6;

/**
 * The texts of a request: message contents, prompts, inputs, and the tools that the model is told of. Reads no more than
 * `limit` bytes of them.
 */
export function requestTexts(body: Buffer, limit: number): CallTexts {
  const collected = new Collected(body, limit);
  readJson(body, requestBody, {
    inside: insideRequest,
    onString: (_interest, start, end) => collected.add(start, end),
    onPlain: (interest, start) => {
      if (interest !== input && interest < inputList) return;
      if (interest <= inputListOfLists && isDigit(body[start])) collected.ids += 1;
    },
    onContainer: (interest, start, end) => interest === tools && collected.addTools(start, end()),
  });
  return collected;
}

function insideRequest(outer: Interest, name: string | undefined): Interest {
  if (outer === requestBody) {
    if (name === 'messages' || name === 'instructions') return text;
    if (name === 'tools') return tools;
    return name === 'prompt' || name === 'input' ? input : NOTHING;
  }
  if (name !== undefined) return notText.has(name) ? NOTHING : text;
  // An input's numbers are tokens: `[1, 2]` or `[[1, 2], [3]]`.
  if (outer === input) return inputList;
  return outer === inputList ? inputListOfLists : text;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x2d || (byte >= 0x30 && byte <= 0x39));
}

const reply = 1;
const choices = 2;
const choice = 3;
const message = 4;
const said = 5;
const calls = 6;
const call = 7;
const calledFunction = 8;
const output = 9;
const item = 10;
const whole = 11;

/** What lies inside of what in a reply, by the names of the members; lists pass on to their elements. */
const insideReply: Readonly<Record<number, Readonly<Record<string, Interest>>>> = {
  // What was heard says all of it as `text`; its events say that again at their end, behind the pieces.
  [whole]: { choices, output, text: said },
  // Events of Responses say their piece as `delta`, whole responses all of it as `output`.
  [reply]: { choices, delta: said, output },
  [choice]: { text: said, message, delta: message },
  [message]: { content: said, reasoning_content: said, refusal: said, tool_calls: calls },
  // Content in parts: only their texts were said.
  [said]: { text: said },
  [item]: { content: said, summary: said, name: said, arguments: said, input: said },
  [call]: { function: calledFunction },
  [calledFunction]: { name: said, arguments: said },
};
const elements: Readonly<Record<number, Interest>> = { [choices]: choice, [calls]: call, [said]: said, [output]: item };

/** What a chat, completion, response or transcription says: content, reasoning, refusals and arguments of tool calls. */
export function replyTexts(bytes: Buffer, limit: number): CallTexts {
  return readReply(new Collected(bytes, limit), bytes, whole);
}

/** Lines of subtitles that nobody said: numbers, times, blank ones and the head of WebVTT. */
const unsaidLine = /^(?:\d*|WEBVTT.*|.*-->.*)$/;

/** What was heard, as a text or as subtitles. */
export function heardTexts(bytes: Buffer, limit: number): CallTexts {
  const text = bytes.toString('utf8', 0, Math.min(bytes.length, limit));
  const said = text.includes('-->') ? text.split(/\r?\n/).filter((line) => !unsaidLine.test(line)) : [text];
  return { texts: [said.join(' ')], ids: 0, leftBytes: Math.max(0, bytes.length - limit) };
}

/** The same of a stream of events, each with a chunk on its `data:` line. */
export function streamTexts(bytes: Buffer, limit: number): CallTexts {
  let left = limit;
  let leftBytes = 0;
  const texts: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (line.toString('latin1', 0, 5) !== 'data:') continue;
    const chunk = readReply(new Collected(line, left), line.subarray(5), reply, 5);
    texts.push(chunk.texts.join(''));
    left = chunk.limit;
    leftBytes += chunk.leftBytes;
  }
  return { texts: [texts.join('')], ids: 0, leftBytes };
}

function readReply(collected: Collected, bytes: Buffer, root: Interest, offset = 0): Collected {
  const reader: JsonReader = {
    inside: (outer, name) => (name === undefined ? elements[outer] : insideReply[outer]?.[name]) ?? NOTHING,
    onString: (interest, start, end) => {
      if (interest === said) collected.add(offset + start, offset + end);
    },
    onPlain: () => undefined,
  };
  readJson(bytes, root, reader);
  return collected;
}

/** Texts, up to a limit of their bytes together. */
class Collected implements CallTexts {
  readonly texts: string[] = [];
  ids = 0;
  leftBytes = 0;

  constructor(
    private readonly bytes: Buffer,
    /** Bytes that may still be taken. */
    public limit: number,
  ) {}

  /** Takes the string with these quotes, or its beginning. */
  add(start: number, end: number): void {
    const taken = Math.min(end - start, this.limit);
    this.leftBytes += end - start - taken;
    this.limit -= taken;
    if (taken > 0) this.texts.push(textOf(this.bytes, start, start + taken));
  }

  addTools(start: number, end: number): true {
    const taken = Math.min(end - start, this.limit);
    this.leftBytes += end - start - taken;
    this.limit -= taken;
    const raw = this.bytes.toString('utf8', start, start + taken);
    this.texts.push(raw.length > longestRewritten ? raw : shortest(raw));
    return true;
  }
}

function shortest(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
