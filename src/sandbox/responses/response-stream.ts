import type { Exchange } from '../exchange.js';
import type { JsonObject } from '../request-fields.js';
import { brokenOff, playStream } from '../stream-script.js';
import { itemEvents, type ItemEvent } from './response-events.js';
import { failedResponse, responseInProgress, type ResponseHead } from './response-object.js';
import type { OutputItem } from './response-output.js';
import type { ResponseRequest } from './response-request.js';

/** Streams the response as typed events: created, in progress, each item from beginning to end, and the whole at the end. */
export async function streamResponse(
  exchange: Exchange,
  request: ResponseRequest,
  head: ResponseHead,
  output: readonly OutputItem[],
  finished: JsonObject,
): Promise<void> {
  const { commands, topLogprobs } = request.chat;
  const settings = { chunks: commands.number('chunks'), topLogprobs };
  const groups = grouped(output.flatMap((item, index) => itemEvents(item, index, settings)));
  const begun = responseInProgress(request, head);
  const { code, message, param } = brokenOff;
  await playStream(exchange, commands, {
    form: 'numbered',
    opening: [{ type: 'response.created', response: begun }, { type: 'response.in_progress', response: begun }, ...groups.before],
    pieces: groups.pieces,
    pieceEvents: (piece) => piece,
    finish: [...groups.after, { type: `response.${String(finished['status'])}`, response: finished }],
    failure: [
      { type: 'error', code, message, param },
      { type: 'response.failed', response: failedResponse(request, head, brokenOff) },
    ],
  });
}

interface Groups {
  readonly before: readonly object[];
  /** Each ends with the content; what stands before it belongs to what its item needs first. */
  readonly pieces: readonly (readonly object[])[];
  readonly after: readonly object[];
}

/** Cuts the events behind each piece of content; what comes before the first one opens the stream. */
function grouped(events: readonly ItemEvent[]): Groups {
  const first = events.findIndex((entry) => entry.isContent);
  const last = events.findLastIndex((entry) => entry.isContent);
  if (first < 0) return { before: events.map((entry) => entry.event), pieces: [], after: [] };
  const pieces: object[][] = [];
  let piece: object[] = [];
  for (const { event, isContent } of events.slice(first, last + 1)) {
    piece.push(event);
    if (isContent) {
      pieces.push(piece);
      piece = [];
    }
  }
  const outer = (from: number, to?: number) => events.slice(from, to).map((entry) => entry.event);
  return { before: outer(0, first), pieces, after: outer(last + 1) };
}
