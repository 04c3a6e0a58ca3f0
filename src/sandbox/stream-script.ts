import type { Commands } from './commands.js';
import type { Exchange } from './exchange.js';
import type { WireError } from './errors.js';
import { SseWriter, type EventForm } from './sse-writer.js';

/** The events of one stream: what opens it, one event for each piece of content, what finishes it, the usage. */
export interface StreamPlan<Piece> {
  readonly opening: readonly object[];
  readonly pieces: readonly Piece[];
  /** The events of the piece, one for each choice. */
  readonly pieceEvents: (piece: Piece) => readonly object[];
  readonly finish: readonly object[];
  readonly usage?: object | undefined;
  /** Without it the events are chunks, `data:` lines alone that end with `[DONE]`; the other forms have no `[DONE]`. */
  readonly form?: EventForm;
  /** False leaves `[DONE]` out of a stream of `data:` lines too. */
  readonly done?: boolean;
  /** What an `error-event` command sends; without it one `{"error":…}`. */
  readonly failure?: readonly object[];
}

/** Plays the plan with the pace and the faults that the prompt asked for; returns when the stream is over or the client has left. */
export async function playStream<Piece>(exchange: Exchange, commands: Commands, plan: StreamPlan<Piece>): Promise<void> {
  const writer = new SseWriter(exchange, commands, plan.form);
  const pace = commands.number('pace') ?? 0;
  const stall = commands.number('stall');
  const end = scriptedEnd(commands, plan.pieces.length, plan.failure ?? [{ error: brokenOff }]);
  for (const event of plan.opening) await sent(writer.event(event));
  for (const [index, piece] of plan.pieces.entries()) {
    if (index === end?.after) break;
    if (index > 0 && pace > 0) await exchange.pause(pace);
    if (stall !== undefined && index === Math.floor(plan.pieces.length / 2)) await exchange.pause(stall);
    if (exchange.gone) return;
    for (const event of plan.pieceEvents(piece)) {
      const wait = writer.event(event);
      if (wait !== undefined) await wait;
    }
  }
  if (exchange.gone) return;
  if (end !== undefined) await end.play(writer);
  else await playFinish(writer, commands, plan);
}

async function playFinish(
  writer: SseWriter,
  commands: Commands,
  plan: Pick<StreamPlan<never>, 'finish' | 'usage' | 'form' | 'done'>,
): Promise<void> {
  for (const event of plan.finish) await sent(writer.event(event));
  if (plan.usage !== undefined) await sent(writer.event(plan.usage));
  const chunks = (plan.form ?? 'plain') === 'plain' && plan.done !== false;
  if (chunks && !commands.has('no-done')) await sent(writer.data('[DONE]'));
  writer.finish();
}

interface ScriptedEnd {
  readonly after: number;
  readonly play: (writer: SseWriter) => Promise<void>;
}

/** How the stream ends too early: after that many pieces, at the latest before its finish_reason. */
function scriptedEnd(commands: Commands, pieces: number, failure: readonly object[]): ScriptedEnd | undefined {
  const cut = commands.number('cut');
  const clean = commands.number('cut-clean');
  const error = commands.number('error-event');
  if (cut !== undefined) return { after: Math.min(cut, pieces), play: (writer) => writer.cut() };
  if (clean !== undefined) return { after: Math.min(clean, pieces), play: async (writer) => writer.finish() };
  if (error === undefined) return undefined;
  return {
    after: Math.min(error, pieces),
    play: async (writer) => {
      for (const event of failure) await sent(writer.event(event));
      writer.finish();
    },
  };
}

/** The error of a stream that breaks off on command; its text names what a platform has to scrub. */
export const brokenOff: WireError = {
  message: 'The sandbox broke off at https://provider.internal.example/x for org-abc123.',
  type: 'server_error',
  param: null,
  code: 'server_error',
};

/** Awaits only what there is to wait for, so that a fast reader costs no turn for each event. */
async function sent(wait: Promise<void> | undefined): Promise<void> {
  if (wait !== undefined) await wait;
}
