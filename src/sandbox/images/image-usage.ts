import { countTokens } from '../tokens.js';
import type { ImageRequest } from './image-request.js';

const tokensOfSentImage = 194;
const tokensOfPartialImage = 100;

/** Output tokens of one image in low, medium and high quality: those of OpenAI's own image models. */
const square = { low: 272, medium: 1056, high: 4160 };
const portrait = { low: 408, medium: 1584, high: 6240 };
const landscape = { low: 400, medium: 1568, high: 6208 };

/** The usage of a request for images; partial images cost what OpenAI takes for them. */
export function imageUsage(request: ImageRequest): object {
  const text = countTokens(request.prompt);
  const image = tokensOfSentImage * request.sent.length;
  const partial = request.stream ? tokensOfPartialImage * request.partialImages : 0;
  const output = tokensOfImage(request) * request.count + partial;
  return {
    input_tokens: text + image,
    input_tokens_details: { text_tokens: text, image_tokens: image },
    output_tokens: output,
    output_tokens_details: { text_tokens: 0, image_tokens: output },
    total_tokens: text + image + output,
  };
}

function tokensOfImage({ size, quality }: ImageRequest): number {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const row = width === height ? square : width < height ? portrait : landscape;
  return quality === 'low' || quality === 'high' ? row[quality] : row.medium;
}
