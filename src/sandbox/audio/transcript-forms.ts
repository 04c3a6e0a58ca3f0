import { countTokens } from '../tokens.js';
import { logprobsOf } from '../responses/response-output.js';
import type { TranscriptRequest } from './transcription-request.js';

/** A part of what was heard, with its time in seconds. */
export interface Segment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text in two halves of about as many words, each with its share of the time. */
export function segmentsOf({ text, seconds }: Pick<TranscriptRequest, 'text' | 'seconds'>): readonly Segment[] {
  const words = text.split(/(?<=\S)(?=\s)/);
  const half = Math.ceil(words.length / 2);
  const middle = rounded(seconds / 2);
  const halves = [
    { text: words.slice(0, half).join(''), start: 0, end: middle },
    { text: words.slice(half).join(''), start: middle, end: rounded(seconds) },
  ];
  return halves.filter((segment) => segment.text !== '');
}

/** The usage: tokens for models named `gpt-4o-…`, else whole seconds, as OpenAI has it. */
export function transcriptUsage(request: TranscriptRequest): object {
  const seconds = Math.ceil(request.seconds);
  if (!request.model.startsWith('gpt-4o-')) return { type: 'duration', seconds };
  const audio = seconds * 10;
  const text = countTokens(request.prompt);
  const output = countTokens(request.text);
  return {
    type: 'tokens',
    input_tokens: audio + text,
    input_token_details: { text_tokens: text, audio_tokens: audio },
    output_tokens: output,
    total_tokens: audio + text + output,
  };
}

/** The three forms that are JSON. */
export function transcriptJson(request: TranscriptRequest): object {
  const { text, task, language, seconds, format } = request;
  const usage = request.commands.has('no-usage') ? undefined : transcriptUsage(request);
  if (format === 'verbose_json')
    return {
      task,
      language,
      duration: rounded(seconds),
      text,
      segments: segmentsOf(request).map(verboseSegment),
      words: request.withWords ? wordsOf(request) : undefined,
      usage: task === 'transcribe' ? usage : undefined,
    };
  if (format === 'diarized_json')
    return { task, duration: rounded(seconds), text, segments: segmentsOf(request).map(spokenSegment), usage };
  if (task === 'translate') return { text };
  return { text, logprobs: request.withLogprobs ? logprobsOf(text, 0) : undefined, usage };
}

/** A segment with its speaker: A and B take turns. */
export function spokenSegment(segment: Segment, index: number): object {
  return { type: 'transcript.text.segment', id: `seg_${index}`, ...segment, speaker: index % 2 === 0 ? 'A' : 'B' };
}

/** The forms that are plain text; undefined for the others. */
export function transcriptText(request: TranscriptRequest): string | undefined {
  const segments = segmentsOf(request);
  const cue = ({ start, end, text }: Segment, point: string) =>
    `${clock(start, point)} --> ${clock(end, point)}\n${text.trim()}\n`;
  if (request.format === 'text') return `${request.text}\n`;
  if (request.format === 'srt') return segments.map((segment, index) => `${index + 1}\n${cue(segment, ',')}`).join('\n');
  if (request.format === 'vtt') return `WEBVTT\n\n${segments.map((segment) => cue(segment, '.')).join('\n')}`;
  return undefined;
}

function verboseSegment(segment: Segment, id: number): object {
  const figures = { temperature: 0, avg_logprob: -0.1, compression_ratio: 1, no_speech_prob: 0.01 };
  return { id, seek: 0, ...segment, tokens: [id + 1], ...figures };
}

function wordsOf({ text, seconds }: TranscriptRequest): readonly object[] {
  const words = text.split(/\s+/);
  const at = (index: number) => rounded((seconds * index) / words.length);
  return words.map((word, index) => ({ word, start: at(index), end: at(index + 1) }));
}

function clock(seconds: number, point: string): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const ms = String(Math.round((seconds % 1) * 1000)).padStart(3, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}${point}${ms}`;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
