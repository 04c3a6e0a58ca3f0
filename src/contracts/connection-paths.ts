import { z } from 'zod';

/** Paths of a provider that differ from OpenAI's, below its base URL. */
export const connectionPaths = z
  .strictObject({
    chat: z.string().describe('By default /chat/completions.'),
    completions: z
      .string()
      .describe(
        'By default /completions. A provider of wire chat or responses is asked for legacy completions only where it is given.',
      ),
    embeddings: z.string().describe('By default /embeddings.'),
    responses: z.string().describe('By default /responses.'),
    moderations: z.string().describe('By default /moderations.'),
    images: z.string().describe('By default /images/generations.'),
    image_edits: z.string().describe('By default /images/edits.'),
    image_variations: z.string().describe('By default /images/variations.'),
    speech: z.string().describe('By default /audio/speech.'),
    transcriptions: z.string().describe('By default /audio/transcriptions.'),
    translations: z.string().describe('By default /audio/translations.'),
    models: z.string().describe('By default /models.'),
  })
  .partial()
  .refine(
    (paths) => Object.values(paths).every((path) => /^\/[\x21-\x7e]*$/.test(path) && !path.includes('..')),
    'must begin with "/"',
  )
  .describe("Paths that differ from OpenAI's, below the base URL.");

export type ConnectionPaths = z.infer<typeof connectionPaths>;
