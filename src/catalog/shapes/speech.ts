import { z } from 'zod';
import { count, defaultModel } from './common.js';

/** `POST /audio/speech`. */
export const speechBody = z
  .looseObject({
    model: defaultModel,
    input: z.string().max(4096).describe('The text to speak.'),
    voice: z
      .union([z.string(), z.looseObject({ id: z.string().describe('Its id.') })])
      .optional()
      .describe('The voice. An agent may have one of its own.'),
    instructions: z.string().max(4096).optional().describe('How it is to be spoken.'),
    response_format: z.string().optional().describe('mp3, opus, aac, flac, wav or pcm. An agent may have a format of its own.'),
    speed: z.number().min(0.25).max(4).optional().default(1).describe('How fast.'),
    stream_format: z.string().optional().describe('audio: the recording as it is made; sse: in server-sent events.'),
  })
  .describe('A text to speak. Every other member of the call in the API of OpenAI is taken too.');

/** The data of the events of `stream_format: sse`. */
export const speechEvent = z
  .discriminatedUnion('type', [
    z.looseObject({ type: z.literal('speech.audio.delta'), audio: z.string().describe('The next piece of audio in base64.') }),
    z.looseObject({
      type: z.literal('speech.audio.done'),
      usage: z
        .looseObject({
          input_tokens: count.describe('Tokens of the text.'),
          output_tokens: count.describe('Tokens of the audio.'),
          total_tokens: count.describe('Both together.'),
        })
        .optional()
        .describe('What the call used.'),
    }),
  ])
  .describe('A piece of speech, or its end.');
