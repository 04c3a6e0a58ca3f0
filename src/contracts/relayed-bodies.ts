import { z } from 'zod';

/**
 * What the bodies of inference calls must have. They are passed on without being parsed by a schema, so this is for those
 * who describe such calls: OpenAPI and the Harbor manifest. Every other member of OpenAI's API is passed on too.
 */
const model = z.string().min(1).max(256).describe('The name of a model that the key may use, or `default`.');

const defaultModel = model
  .optional()
  .describe("The name of a model that the key may use. Without it the tenant's default model is asked.");

const others = 'Every other member of the call in the API of OpenAI is taken too.';

export const chatBody = z
  .looseObject({
    model,
    messages: z
      .array(z.looseObject({ role: z.string().describe('Who speaks: `system`, `developer`, `user`, `assistant` or `tool`.') }))
      .min(1)
      .describe('The conversation so far, in the form of OpenAI.'),
  })
  .describe(`A chat. ${others}`);

export const completionBody = z
  .looseObject({
    model,
    prompt: z.union([z.string(), z.array(z.unknown())]).describe('The text to complete, or a list of texts.'),
  })
  .describe(`A legacy completion. ${others}`);

const input = z.union([z.string(), z.array(z.unknown())]).describe('A text, or a list in the form of OpenAI.');

export const responseBody = z.looseObject({ model, input }).describe(`A response. ${others}`);

export const responseWindowBody = z
  .looseObject({
    model,
    input: input
      .optional()
      .describe('A text, or a list of items. It may be left out where a conversation or a former response is named.'),
  })
  .describe(`The input of a response. ${others}`);

export const embeddingBody = z.looseObject({ model, input }).describe(`Texts to embed. ${others}`);

export const moderationBody = z.looseObject({ model: defaultModel, input }).describe(`What is to be judged. ${others}`);

export const imageBody = z
  .looseObject({ model: defaultModel, prompt: z.string().describe('What the image shall show.') })
  .describe(`An image to make. ${others}`);

export const speechBody = z
  .looseObject({
    model: defaultModel,
    input: z.string().describe('The text to speak.'),
    voice: z.string().optional().describe('The voice. An agent may have one of its own.'),
  })
  .describe(`A text to speak. ${others}`);
