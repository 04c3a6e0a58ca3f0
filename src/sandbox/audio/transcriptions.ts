import { answerJson, send } from '../answers.js';
import { chunkText } from '../chunk-text.js';
import type { Exchange } from '../exchange.js';
import { playFaults } from '../faults.js';
import { logprobsOf } from '../responses/response-output.js';
import { playStream } from '../stream-script.js';
import { segmentsOf, spokenSegment, transcriptJson, transcriptText, transcriptUsage } from './transcript-forms.js';
import { readTranscriptRequest, type TranscriptRequest } from './transcription-request.js';

/** POST /v1/audio/transcriptions, plain and streamed. */
export async function transcribe(exchange: Exchange): Promise<void> {
  await answer(exchange, await readTranscriptRequest(exchange, 'transcribe'));
}

/** POST /v1/audio/translations. */
export async function translate(exchange: Exchange): Promise<void> {
  await answer(exchange, await readTranscriptRequest(exchange, 'translate'));
}

async function answer(exchange: Exchange, request: TranscriptRequest): Promise<void> {
  const { commands, model } = request;
  if (await playFaults(exchange, commands, model)) return;
  const text = transcriptText(request);
  if (commands.breaksBody) await answerJson(exchange, commands, transcriptJson(request));
  else if (request.stream) await streamTranscript(exchange, request);
  else if (text === undefined) await answerJson(exchange, commands, transcriptJson(request));
  else send(exchange, 200, 'text/plain; charset=utf-8', text);
}

async function streamTranscript(exchange: Exchange, request: TranscriptRequest): Promise<void> {
  const { commands, text } = request;
  const logprobs = (piece: string) => (request.withLogprobs ? logprobsOf(piece, 0) : undefined);
  const spoken = request.format === 'diarized_json' ? segmentsOf(request).map(spokenSegment) : [];
  const usage = commands.has('no-usage') ? undefined : transcriptUsage(request);
  await playStream(exchange, commands, {
    done: false,
    opening: [],
    pieces: chunkText(text, commands.number('chunks')),
    pieceEvents: (delta) => [{ type: 'transcript.text.delta', delta, logprobs: logprobs(delta) }],
    finish: [...spoken, { type: 'transcript.text.done', text, logprobs: logprobs(text), usage }],
  });
}
