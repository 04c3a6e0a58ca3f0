import { answerJson, openBinaryStream } from '../answers.js';
import { readCommands, withoutCommands, type Commands } from '../commands.js';
import { badRequest, missingParameter, wrongType } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { playFaults } from '../faults.js';
import { checkNumber, isObject, readBody, readModel, type JsonObject } from '../request-fields.js';
import { playStream } from '../stream-script.js';
import { countTokens } from '../tokens.js';
import { audioFormats } from './audio-format.js';
import { audioPieces, type AudioFormat } from './audio-frames.js';

const msOfCharacter = 60;
const msOfPiece = 500;
const longestInput = 4096;

/** A file of speech that is about to be made. */
interface Speech {
  readonly format: AudioFormat;
  readonly frames: number;
  readonly pieces: number;
}

/** POST /v1/audio/speech: silence or a tone, 60 ms for each character of the text, as bytes or as events. */
export async function speech(exchange: Exchange): Promise<void> {
  const body = readBody(exchange.body);
  const model = readModel(body);
  const input = readInput(body);
  const format = readFormat(body);
  const asEvents = readStreamFormat(body) === 'sse';
  const commands = readCommands([input]);
  if (await playFaults(exchange, commands, model)) return;
  const planned = plan(format, withoutCommands(input), commands);
  if (commands.breaksBody) await answerJson(exchange, commands, {});
  else if (asEvents) await sendEvents(exchange, commands, planned, countTokens(input));
  else await sendBytes(exchange, commands, planned);
}

function readInput(body: JsonObject): string {
  const { input, voice } = body;
  if (input === undefined) throw missingParameter('input');
  if (typeof input !== 'string') throw wrongType('input', 'a string', input);
  if (input === '') throw badRequest("Invalid 'input': string too short. Expected at least 1 character.", 'input');
  if (input.length > longestInput)
    throw badRequest(
      `Invalid 'input': string too long. Expected at most ${longestInput} characters.`,
      'input',
      'string_above_max_length',
    );
  if (voice === undefined) throw missingParameter('voice');
  if (typeof voice !== 'string' && !(isObject(voice) && typeof voice['id'] === 'string'))
    throw wrongType('voice', 'a string or an object with an id', voice);
  checkNumber(body, 'speed', 0.25, 4);
  return input;
}

function readFormat(body: JsonObject): AudioFormat {
  const name = body['response_format'] ?? 'mp3';
  const format = typeof name === 'string' && Object.hasOwn(audioFormats, name) ? audioFormats[name] : undefined;
  if (format !== undefined) return format;
  const supported = Object.keys(audioFormats).map((entry) => `'${entry}'`);
  throw badRequest(`Invalid value for 'response_format'. Supported values are: ${supported.join(', ')}.`, 'response_format');
}

function readStreamFormat(body: JsonObject): 'sse' | 'audio' {
  const form = body['stream_format'] ?? 'audio';
  if (form === 'sse' || form === 'audio') return form;
  throw badRequest("Invalid value for 'stream_format'. Supported values are: 'sse' and 'audio'.", 'stream_format');
}

function plan(format: AudioFormat, text: string, commands: Commands): Speech {
  const ms = text.length * msOfCharacter;
  const wanted = Math.ceil(Math.max(1, ms / format.frameMs, (commands.number('huge') ?? 0) / format.frameBytes));
  const pieces = commands.number('chunks') ?? Math.min(wanted, Math.ceil((wanted * format.frameMs) / msOfPiece));
  return { format, pieces, frames: Math.max(wanted, pieces) };
}

async function sendEvents(exchange: Exchange, commands: Commands, planned: Speech, inputTokens: number): Promise<void> {
  const { format, frames, pieces } = planned;
  const outputTokens = Math.ceil((frames * format.frameMs) / 50);
  const usage = { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
  await playStream(exchange, commands, {
    done: false,
    opening: [],
    pieces: [...audioPieces(format, frames, pieces)],
    pieceEvents: (piece) => [{ type: 'speech.audio.delta', audio: piece.toString('base64') }],
    finish: [{ type: 'speech.audio.done', usage: commands.has('no-usage') ? undefined : usage }],
  });
}

/** Bytes have no place for an error: `error-event` breaks the connection as `cut` does. */
async function sendBytes(exchange: Exchange, commands: Commands, { format, frames, pieces }: Speech): Promise<void> {
  const { response } = exchange;
  const end = commands.number('cut') ?? commands.number('error-event') ?? commands.number('cut-clean') ?? Infinity;
  const pace = commands.number('pace') ?? 0;
  const stall = commands.number('stall');
  openBinaryStream(exchange, format.contentType);
  let index = 0;
  for (const piece of audioPieces(format, frames, pieces)) {
    if (index >= end) break;
    if (index > 0 && pace > 0) await exchange.pause(pace);
    if (stall !== undefined && index === Math.floor(pieces / 2)) await exchange.pause(stall);
    if (exchange.gone) return;
    if (!response.write(piece)) await exchange.drained();
    index += 1;
  }
  if (commands.has('cut') || commands.has('error-event')) await exchange.cut();
  else response.end();
}
