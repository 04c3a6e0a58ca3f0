import { z } from 'zod';
import { answeredModel, defaultModel } from './common.js';

/** `POST /moderations`. */
export const moderationBody = z
  .looseObject({
    model: defaultModel,
    input: z
      .union([
        z.string(),
        z.array(z.string()),
        z.array(
          z.discriminatedUnion('type', [
            z.looseObject({ type: z.literal('text').describe('A text.'), text: z.string().describe('The text.') }),
            z.looseObject({
              type: z.literal('image_url').describe('An image.'),
              image_url: z
                .looseObject({ url: z.string().describe('Its address, or the image itself as a data URL.') })
                .describe('Where the image is.'),
            }),
          ]),
        ),
      ])
      .describe('A text, a list of texts, or a list of texts and images.'),
  })
  .describe('What is to be judged. Every other member of the call in the API of OpenAI is taken too.');

/** What was found. */
export const moderation = z
  .looseObject({
    id: z.string(),
    model: answeredModel,
    results: z
      .array(
        z.looseObject({
          flagged: z.boolean().describe('Whether any category was found.'),
          categories: z
            .record(z.string(), z.boolean().nullable())
            .describe('Each category, such as hate, harassment, illicit, self-harm, sexual or violence: whether it was found.'),
          category_scores: z.record(z.string(), z.number().nullable()).describe('How sure the model is of each, from 0 to 1.'),
          category_applied_input_types: z
            .record(z.string(), z.array(z.string()).nullable())
            .optional()
            .describe('Where each was looked for: in text, in images.'),
        }),
      )
      .describe('One result for each text, or one for texts and images together.'),
  })
  .meta({ id: 'Moderation', description: 'What was found.' });
