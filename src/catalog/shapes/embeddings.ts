import { z } from 'zod';
import { answeredModel, count, model, user } from './common.js';

/** `POST /embeddings`. */
export const embeddingBody = z
  .looseObject({
    model,
    input: z
      .union([z.string(), z.array(z.string()), z.array(z.number().int()), z.array(z.array(z.number().int()))])
      .describe('A text, or a list of texts; tokens too, where the provider takes them.'),
    dimensions: z.number().int().min(1).optional().describe('How long the vectors are, where the model can shorten them.'),
    encoding_format: z
      .enum(['float', 'base64'])
      .optional()
      .default('float')
      .describe('Vectors as numbers, or as the base64 of 32-bit floats.'),
    user,
  })
  .describe('Texts to embed. Every other member of the call in the API of OpenAI is taken too.');

/** The vectors. */
export const embeddings = z
  .looseObject({
    object: z.literal('list'),
    model: answeredModel,
    data: z
      .array(
        z.looseObject({
          object: z.literal('embedding'),
          index: count.describe('The number of the text, from 0 on.'),
          embedding: z.union([z.array(z.number()), z.string()]).describe('The vector: numbers, or base64.'),
        }),
      )
      .describe('One vector for each text.'),
    usage: z
      .looseObject({ prompt_tokens: count.describe('Tokens of the texts.'), total_tokens: count.describe('The same.') })
      .describe('What the call used.'),
  })
  .meta({ id: 'Embeddings', description: 'The vectors of the texts.' });
