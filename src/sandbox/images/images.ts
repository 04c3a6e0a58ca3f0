import type { Exchange } from '../exchange.js';
import { fileIn, readForm, type SeenForm } from '../form-reader.js';
import { missingParameter } from '../errors.js';
import { readBody } from '../request-fields.js';
import { answerImages } from './image-answer.js';
import { readImageRequest } from './image-request.js';

const types = { numbers: ['n', 'partial_images'], booleans: ['stream'] };

/** POST /v1/images/generations. */
export async function generateImages(exchange: Exchange): Promise<void> {
  await answerImages(exchange, readImageRequest(readBody(exchange.body), true, []), 'image_generation');
}

/** POST /v1/images/edits: one or several images, a mask if need be, and a prompt. */
export async function editImages(exchange: Exchange): Promise<void> {
  const form = await readForm(exchange, types);
  await answerImages(exchange, readImageRequest(form.body, true, sentImages(form)), 'image_edit');
}

/** POST /v1/images/variations: one image, no prompt; a prompt is read for its commands all the same. */
export async function varyImages(exchange: Exchange): Promise<void> {
  const form = await readForm(exchange, types);
  fileIn(form, 'image');
  const request = readImageRequest(form.body, false, sentImages(form));
  await answerImages(exchange, { ...request, stream: false }, 'image_variation');
}

function sentImages(form: SeenForm): readonly string[] {
  const sent = form.files.filter(({ field }) => /^(?:image(?:\[\d*\])?|mask)$/.test(field));
  if (sent.every(({ field }) => field === 'mask')) throw missingParameter('image');
  return sent.map((file) => `${file.field} ${file.sha256}`);
}
