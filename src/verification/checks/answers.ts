import type { RunbookRow } from '../../catalog/runbooks/runbook-row.js';
import type { RouteId } from '../../catalog/routes.js';
import { chatBody, embeddingsBody, responseBody } from '../bodies.js';
import { jsonOf, type Answered, type Exchange } from '../exchange.js';
import { failureOf, unreadable } from '../failure.js';
import { readChat, readChatStream, type Reading } from '../reading/chat.js';
import { readEmbeddings } from '../reading/embeddings.js';
import { eventsOf } from '../reading/events.js';
import { readResponse, readResponseStream } from '../reading/responses.js';
import { failed, passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';

type AnswerRoute = 'chat.completions.create' | 'responses.create';

/** The route with which the product gets its answers. */
export function answerRoute({ routes }: RunbookRow): AnswerRoute {
  const always = routes.some(({ route, use }) => route === 'responses.create' && use === 'always');
  return always ? 'responses.create' : 'chat.completions.create';
}

/** One answer is complete, in the form in which the client asks for it. */
export function answers(run: VerificationRun): Promise<Result> {
  return answerOn(run, answerRoute(run.row), run.habits.streaming.use === 'always');
}

/** One answer comes in pieces. */
export function streams(run: VerificationRun): Promise<Result> {
  return answerOn(run, answerRoute(run.row), true);
}

/** A product that must stream has a client that does. */
export function streamingFits({ row, habits }: VerificationRun): Result | undefined {
  const { use } = habits.streaming;
  const isOdd = (row.streaming === 'required' && use === 'never') || (row.streaming === 'not_possible' && use === 'always');
  if (!isOdd) return undefined;
  const seen = `Streaming is ${row.streaming === 'required' ? 'required' : 'not possible'} for the product, and its client streams: ${use}.`;
  return failed('streaming', seen, `Correct the runbook of ${row.slug}.`);
}

/** Asks for one answer and reads it as the client does. */
export async function answerOn(run: VerificationRun, route: AnswerRoute, streamed: boolean): Promise<Result> {
  const { model, habits } = run;
  if (model === undefined) return skipped('There is no published name to ask.');
  const body = route === 'responses.create' ? responseBody : chatBody;
  const given = await run.call({ route, json: body(habits, model, streamed) });
  if (!isAnswer(given, ['application/json', 'text/event-stream'])) return failureOf(run, route, given);
  const isStream = given.type === 'text/event-stream';
  if (isStream !== streamed) return otherForm(given, streamed);
  return judged(given, route, isStream ? await readStream(run, given, route, model) : readWhole(given, route, model));
}

/** One text is embedded in the client's own encoding. */
export async function embeds(run: VerificationRun): Promise<Result> {
  const { embedModel, habits } = run;
  if (embedModel === undefined) return skipped('The key may use no published name that embeds.');
  const route = 'embeddings.create';
  const given = await run.call({ route, json: embeddingsBody(habits, embedModel) });
  if (!isAnswer(given, ['application/json'])) return failureOf(run, route, given);
  return judged(given, route, readEmbeddings(jsonOf(given), habits.embeddings));
}

function readWhole(given: Answered, route: AnswerRoute, model: string): Reading {
  return (route === 'responses.create' ? readResponse : readChat)(jsonOf(given), model);
}

async function readStream({ habits }: VerificationRun, given: Answered, route: AnswerRoute, model: string): Promise<Reading> {
  const events = await eventsOf(given.bytes);
  if (route === 'responses.create') return readResponseStream(events, model);
  return readChatStream(events, model, habits.streaming.asksUsage);
}

/** A stream that ends in another way than the client waits for is the fault of streaming. */
function judged(given: Answered, route: RouteId, reading: Reading): Result {
  if ('seen' in reading) return passed(`${given.method} ${given.url} (${route}) is ${reading.seen}.`);
  const failure = unreadable(given, reading.wrong);
  return given.type === 'text/event-stream' ? { ...failure, cause: 'streaming' } : failure;
}

function otherForm({ method, url, type }: Answered, streamed: boolean): Result {
  const seen = streamed
    ? `The client waits for a stream, and ${method} ${url} is answered in one piece (${type}).`
    : `The client waits for one whole answer, and ${method} ${url} is answered in a stream.`;
  const cure = 'Switch streaming in the product to what it can read, and let nothing on the way change "stream" in its requests.';
  return failed('streaming', seen, cure);
}

export function isAnswer(given: Exchange, types: readonly string[]): given is Answered {
  return given.kind === 'answered' && given.status >= 200 && given.status < 300 && types.includes(given.type);
}
