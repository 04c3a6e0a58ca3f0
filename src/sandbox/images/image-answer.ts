import { createHash } from 'node:crypto';
import { answerJson } from '../answers.js';
import type { Exchange } from '../exchange.js';
import { playFaults } from '../faults.js';
import { brokenOff, playStream } from '../stream-script.js';
import type { ImageRequest } from './image-request.js';
import { imageUsage } from './image-usage.js';
import { tinyPng } from './png.js';

const pages = '/sandbox/images/';
const page = /^\/sandbox\/images\/([0-9a-f]{24})\.png$/;

/** Answers a request for images, plain or streamed; `events` begins the names of the stream's events. */
export async function answerImages(exchange: Exchange, request: ImageRequest, events: string): Promise<void> {
  const { commands } = request;
  if (await playFaults(exchange, commands, request.model)) return;
  if (request.stream && !commands.breaksBody) return streamImages(exchange, request, events);
  await answerJson(exchange, commands, {
    ...common(request),
    created: now(),
    data: Array.from({ length: request.count }, (_unused, index) => shown(exchange, request, nameOf(request, index))),
    usage: commands.has('no-usage') ? undefined : imageUsage(request),
  });
}

/** The image behind an address that the sandbox gave out; undefined when the path is none. */
export function imageAt(path: string): Buffer | undefined {
  const name = page.exec(path)?.[1];
  return name === undefined ? undefined : tinyPng(name);
}

/** A stream always carries its images as base64, whatever form was asked for. */
async function streamImages(exchange: Exchange, request: ImageRequest, events: string): Promise<void> {
  const { commands, partialImages } = request;
  const name = nameOf(request, 0);
  const event = (type: string, image: Buffer, own: object) => ({
    type: `${events}.${type}`,
    b64_json: image.toString('base64'),
    created_at: now(),
    ...common(request),
    ...own,
  });
  await playStream(exchange, commands, {
    form: 'named',
    opening: [],
    pieces: Array.from({ length: partialImages }, (_unused, index) => index),
    pieceEvents: (index) => [event('partial_image', tinyPng(`${name}-${index}`), { partial_image_index: index })],
    finish: [
      event('completed', tinyPng(name, commands.number('huge')), {
        usage: commands.has('no-usage') ? undefined : imageUsage(request),
      }),
    ],
    failure: [{ type: 'error', error: brokenOff }],
  });
}

function common(request: ImageRequest): object {
  return { size: request.size, quality: request.quality, background: request.background, output_format: 'png' };
}

function shown(exchange: Exchange, request: ImageRequest, name: string): object {
  if (!request.asUrl) return { b64_json: tinyPng(name, request.commands.number('huge')).toString('base64') };
  return { url: `http://${exchange.request.headers.host ?? 'localhost'}${pages}${name}.png` };
}

/** The same request draws the same images, and each image of it is another one. */
function nameOf(request: ImageRequest, index: number): string {
  const seed = JSON.stringify([request.prompt, request.sent, index]);
  return createHash('sha256').update(seed).digest('hex').slice(0, 24);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
