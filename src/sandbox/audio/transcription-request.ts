import { commandedText } from '../reply-text.js';
import { readCommands, type Commands } from '../commands.js';
import { badRequest, wrongType } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { fileIn, readForm } from '../form-reader.js';
import { checkNumber, readBoolean, readModel, type JsonObject } from '../request-fields.js';

const bytesOfSecond = 32_000;
const formats = ['json', 'text', 'srt', 'vtt', 'verbose_json', 'diarized_json'] as const;

export type TranscriptFormat = (typeof formats)[number];

/** A request for a transcription or a translation, whose file has gone by. */
export interface TranscriptRequest {
  readonly model: string;
  readonly task: 'transcribe' | 'translate';
  readonly commands: Commands;
  readonly format: TranscriptFormat;
  readonly stream: boolean;
  /** What the sandbox heard. */
  readonly text: string;
  readonly prompt: string;
  /** Taken from the file's length: 32,000 bytes are a second. */
  readonly seconds: number;
  readonly language: string;
  readonly withWords: boolean;
  readonly withLogprobs: boolean;
}

/**
 * Reads the form of `POST /v1/audio/transcriptions` and `/v1/audio/translations`; the file is counted and hashed only.
 * @throws SandboxError 400 in OpenAI's words for what is malformed.
 */
export async function readTranscriptRequest(exchange: Exchange, task: TranscriptRequest['task']): Promise<TranscriptRequest> {
  const form = await readForm(exchange, { numbers: ['temperature'], booleans: ['stream'] });
  const { body } = form;
  const file = fileIn(form, 'file');
  const prompt = body['prompt'] ?? '';
  if (typeof prompt !== 'string') throw wrongType('prompt', 'a string', prompt);
  checkNumber(body, 'temperature', 0, 1);
  const commands = readCommands([prompt]);
  const heard = `Heard ${file.bytes} bytes of ${file.name} (${file.sha256.slice(0, 12)})`;
  return {
    model: readModel(body),
    task,
    commands,
    format: readFormat(body, task),
    stream: task === 'transcribe' && readBoolean(body, 'stream', false),
    text: commandedText(commands, exchange) ?? heard,
    prompt,
    seconds: file.bytes / bytesOfSecond,
    language: task === 'transcribe' && typeof body['language'] === 'string' ? body['language'] : 'english',
    withWords: listIn(body, 'timestamp_granularities').includes('word'),
    withLogprobs: listIn(body, 'include').includes('logprobs'),
  };
}

function readFormat(body: JsonObject, task: TranscriptRequest['task']): TranscriptFormat {
  const format = body['response_format'] ?? 'json';
  const found = formats.find((candidate) => candidate === format);
  if (found !== undefined && !(task === 'translate' && found === 'diarized_json')) return found;
  const supported = formats.map((entry) => `'${entry}'`).join(', ');
  throw badRequest(`Invalid value for 'response_format'. Supported values are: ${supported}.`, 'response_format');
}

/** A list in a form: `name[]` once or several times, or `name` alone. */
function listIn(body: JsonObject, name: string): readonly unknown[] {
  const value = body[name] ?? [];
  return Array.isArray(value) ? value : [value];
}
