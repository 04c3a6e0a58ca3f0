import { z } from 'zod';
import { count, defaultModel, unixTime } from './common.js';

const output = {
  n: z.number().int().min(1).max(10).nullish().default(1).describe('How many images are made.'),
  size: z.string().nullish().describe('Width and height, such as 1024x1024, or auto.'),
  response_format: z.string().nullish().describe('url or b64_json, where the model offers both.'),
  user: z.string().optional().describe('An id of the end user.'),
};

const finish = {
  quality: z.string().nullish().describe('How fine: low, medium, high or auto; older models: standard or hd.'),
  background: z.string().nullish().describe('transparent, opaque or auto.'),
  output_format: z.string().nullish().describe('png, jpeg or webp.'),
  output_compression: z.number().int().min(0).max(100).nullish().describe('For jpeg and webp, in percent.'),
  stream: z.boolean().nullish().default(false).describe('Answers in server-sent events, with the image as it takes shape.'),
  partial_images: z.number().int().min(0).max(3).nullish().default(0).describe('How many unfinished images a stream shows.'),
};

const prompt = z.string().describe('What the image shall show.');

/** `POST /images/generations`. */
export const imageBody = z
  .looseObject({
    model: defaultModel,
    prompt,
    ...output,
    ...finish,
    moderation: z.string().nullish().describe('How strictly prompts are judged: auto or low.'),
    style: z.string().nullish().describe('Of older models: vivid or natural.'),
  })
  .describe('An image to make. Every other member of the call in the API of OpenAI is taken too.');

const picture = z.file().describe('An image.');

/** `POST /images/edits`. */
export const imageEditForm = z
  .looseObject({
    image: z.union([picture, z.array(picture)]).describe('The image, or several as `image[]`.'),
    prompt: z.string().describe('What is to be changed.'),
    mask: z.file().optional().describe('A PNG: where it is transparent, the image is changed.'),
    model: defaultModel,
    ...output,
    ...finish,
    input_fidelity: z.string().nullish().describe('How close the result stays to the images: high or low.'),
  })
  .describe('Images to edit. Every other field of the call in the API of OpenAI is taken too.');

/** `POST /images/variations`. */
export const imageVariationForm = z
  .looseObject({ image: z.file().describe('The image, as PNG.'), model: defaultModel, ...output })
  .describe('An image of which others are made. Every other field of the call in the API of OpenAI is taken too.');

const usage = z
  .looseObject({
    input_tokens: count.describe('Tokens of the request.'),
    output_tokens: count.describe('Tokens of the images.'),
    total_tokens: count.describe('Both together.'),
    input_tokens_details: z
      .looseObject({ text_tokens: count.describe('Those of text.'), image_tokens: count.describe('Those of images.') })
      .optional()
      .describe('The tokens of the request by kind.'),
    output_tokens_details: z
      .looseObject({ text_tokens: count.describe('Those of text.'), image_tokens: count.describe('Those of images.') })
      .optional()
      .describe('The tokens of the images by kind.'),
  })
  .meta({ id: 'ImageUsage', description: 'What the call used.' });

const made = {
  size: z.string().optional().describe('Width and height.'),
  quality: z.string().optional().describe('How fine it was made.'),
  background: z.string().optional().describe('transparent or opaque.'),
  output_format: z.string().optional().describe('png, jpeg or webp.'),
};

/** The images. */
export const images = z
  .looseObject({
    created: unixTime.describe('When they were made, in Unix seconds.'),
    data: z
      .array(
        z.looseObject({
          b64_json: z.string().nullish().describe('The image in base64.'),
          url: z.string().nullish().describe('Where the provider keeps it, for a while.'),
          revised_prompt: z.string().nullish().describe('What the model made of the prompt.'),
        }),
      )
      .optional()
      .describe('The images.'),
    ...made,
    usage: usage.nullish(),
  })
  .meta({ id: 'Images', description: 'Images that were made.' });

const piece = { b64_json: z.string().describe('The image in base64.'), created_at: unixTime, ...made };

const eventsOf = (call: 'image_generation' | 'image_edit') =>
  z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal(`${call}.partial_image`),
      partial_image_index: count.describe('The number of the unfinished image, from 0 on.'),
      ...piece,
    }),
    z.looseObject({ type: z.literal(`${call}.completed`), ...piece, usage: usage.optional() }),
  ]);

export const imageGenerationEvent = eventsOf('image_generation').describe('An image as it takes shape.');

export const imageEditEvent = eventsOf('image_edit').describe('An edited image as it takes shape.');
