import { z } from 'zod';
import { count, defaultModel } from './common.js';

const form = {
  file: z.file().describe('The recording.'),
  model: defaultModel,
  prompt: z.string().optional().describe('A text that shows style and names, such as what was said before.'),
  response_format: z
    .string()
    .optional()
    .default('json')
    .describe('json, text, srt, verbose_json, vtt or diarized_json, as far as the model has it.'),
  temperature: z.number().min(0).max(1).optional().default(0).describe('How freely words are chosen.'),
};

/** `POST /audio/transcriptions`. */
export const transcriptionForm = z
  .looseObject({
    ...form,
    language: z.string().optional().describe('The language that is spoken, as in ISO 639-1.'),
    languages: z.array(z.string()).optional().describe('Languages that may be spoken.'),
    keywords: z.array(z.string()).optional().describe('Words that are likely to be said.'),
    include: z.array(z.string()).optional().describe('logprobs: how likely the tokens were.'),
    timestamp_granularities: z
      .array(z.string())
      .optional()
      .describe('Times in verbose_json: for each word, each segment or both.'),
    stream: z.boolean().nullish().default(false).describe('Answers piece by piece, as server-sent events.'),
    chunking_strategy: z
      .union([
        z.string(),
        z.looseObject({
          type: z.literal('server_vad').describe('By where nobody speaks.'),
          prefix_padding_ms: z.number().int().optional().default(300).describe('What is kept before speech, in milliseconds.'),
          silence_duration_ms: z.number().int().optional().default(200).describe('How long silence ends a piece.'),
          threshold: z.number().optional().default(0.5).describe('How loud speech is, from 0 to 1.'),
        }),
      ])
      .nullish()
      .describe('How a long recording is cut: auto, or by silence.'),
    known_speaker_names: z.array(z.string()).optional().describe('Names of speakers.'),
    known_speaker_references: z.array(z.string()).optional().describe('How each of them sounds, as data URLs.'),
  })
  .describe('A recording to write down. Every other field of the call in the API of OpenAI is taken too.');

/** `POST /audio/translations`. */
export const translationForm = z
  .looseObject(form)
  .describe('A recording to write down in English. Every other field of the call in the API of OpenAI is taken too.');

const seconds = z.number().describe('In seconds.');

const usage = z
  .looseObject({
    type: z.string().describe('tokens or duration.'),
    seconds: seconds.optional().describe('How long the recording is.'),
    input_tokens: count.optional().describe('Tokens of the recording and the prompt.'),
    input_token_details: z
      .looseObject({
        text_tokens: count.optional().describe('Those of text.'),
        audio_tokens: count.optional().describe('Those of audio.'),
      })
      .optional()
      .describe('Those tokens by kind.'),
    output_tokens: count.optional().describe('Tokens of the text.'),
    total_tokens: count.optional().describe('Both together.'),
  })
  .meta({ id: 'TranscriptionUsage', description: 'What the call used.' });

const tokens = z
  .array(
    z.looseObject({
      token: z.string().optional().describe('The token.'),
      logprob: z.number().optional().describe('The logarithm of its probability.'),
      bytes: z.array(z.number()).optional().describe('Its bytes.'),
    }),
  )
  .nullish()
  .describe('How likely the tokens were, where the request asked for it.');

const languages = z
  .array(z.looseObject({ code: z.string().describe('As in ISO 639-1.') }))
  .optional()
  .describe('The languages that were heard.');

const segment = z
  .looseObject({
    id: z.union([z.number().int(), z.string()]).describe('Its number or id.'),
    start: seconds,
    end: seconds,
    text: z.string().describe('What is said.'),
    type: z.string().optional().describe('Of diarized_json.'),
    speaker: z.string().optional().describe('Who speaks, in diarized_json.'),
    seek: z.number().optional().describe('Where the model began to read.'),
    tokens: z.array(z.number()).optional().describe('The numbers of its tokens.'),
    temperature: z.number().optional().describe('How freely words were chosen.'),
    avg_logprob: z.number().optional().describe('The mean of the logarithms of probabilities.'),
    compression_ratio: z.number().optional().describe('Above 2.4 the text likely repeats itself.'),
    no_speech_prob: z.number().optional().describe('How likely nobody speaks.'),
  })
  .describe('A part of the recording.');

const heard = {
  text: z.string().describe('The whole text.'),
  language: z.string().optional().describe('The language, in verbose_json.'),
  duration: seconds.optional().describe('How long the recording is, in seconds.'),
  segments: z.array(segment).optional().describe('Its parts, in verbose_json and diarized_json.'),
};

/** What was said: the members of all forms of JSON. */
export const transcription = z
  .looseObject({
    ...heard,
    task: z.string().optional().describe('transcribe, in diarized_json.'),
    languages,
    words: z
      .array(z.looseObject({ word: z.string().describe('The word.'), start: seconds, end: seconds }))
      .optional()
      .describe('Each word with its times, in verbose_json.'),
    logprobs: tokens,
    usage: usage.optional(),
  })
  .meta({ id: 'Transcription', description: 'What was said. Which members it has depends on the form that was asked for.' });

export const translation = z.looseObject(heard).meta({ id: 'Translation', description: 'What was said, in English.' });

/** The data of the events of a streamed transcription. */
export const transcriptionEvent = z
  .discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('transcript.text.delta'),
      delta: z.string().describe('The next piece of the text.'),
      logprobs: tokens,
      segment_id: z.string().optional().describe('The part that it belongs to.'),
    }),
    z.looseObject({
      type: z.literal('transcript.text.segment'),
      id: z.string(),
      start: seconds,
      end: seconds,
      text: z.string().describe('What is said.'),
      speaker: z.string().describe('Who speaks.'),
    }),
    z.looseObject({
      type: z.literal('transcript.text.done'),
      text: z.string().describe('The whole text.'),
      languages,
      logprobs: tokens,
      usage: usage.optional(),
    }),
  ])
  .describe('A piece of what was said, or the whole.');
