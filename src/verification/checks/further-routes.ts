import { z } from 'zod';
import { reachesRow } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import type { Modality } from '../../contracts/scopes.js';
import { question, responseBody } from '../bodies.js';
import { jsonOf, type Exchange } from '../exchange.js';
import { failureOf, unreadable } from '../failure.js';
import { passed, skipped, type Result } from '../result.js';
import type { VerificationRun } from '../run.js';
import { silence } from '../silence.js';
import { answerOn, isAnswer } from './answers.js';

type Trial = (run: VerificationRun) => Promise<Result>;

const madeObject = z.object({ id: z.string() });

/** How a route that the checklist does not name is tried. */
const trials: { readonly [Id in RouteId]?: Trial } = {
  'chat.completions.create': (run) => answerOn(run, 'chat.completions.create', run.habits.streaming.use === 'always'),
  'responses.create': (run) => answerOn(run, 'responses.create', run.habits.streaming.use === 'always'),
  'responses.get': (run) => onStored(run, 'responses.get'),
  'responses.delete': (run) => onStored(run, 'responses.delete'),
  'completions.create': (run) => posted(run, 'completions.create', run.model, { prompt: question, max_tokens: 16 }),
  'conversations.create': conversation,
  'images.generate': (run) => posted(run, 'images.generate', serving(run, 'image'), { prompt: 'A red square' }),
  'audio.transcriptions.create': transcription,
  'audio.speech.create': (run) => posted(run, 'audio.speech.create', serving(run, 'speech'), { input: 'Hello', voice: 'alloy' }),
};

/** Tries a native route of the product that no other check has tried; undefined where the key does not grant it. */
export async function furtherRoute(run: VerificationRun, route: RouteId): Promise<Result | undefined> {
  if (run.key === undefined || !reachesRow({ effectiveScopes: run.key.scopes }, routeRow(route))) return undefined;
  const trial = trials[route];
  return trial === undefined ? skipped('The stand-in has no way to try this route.') : trial(run);
}

async function posted(run: VerificationRun, route: RouteId, model: string | undefined, body: object): Promise<Result> {
  if (model === undefined) return skipped(`The key may use no published name for ${routeRow(route).path}.`);
  const given = await run.call({ route, json: { model, ...body } });
  if (given.kind !== 'answered' || given.status !== 200) return failureOf(run, route, given);
  return given.bytes.length > 0 ? told(given) : unreadable(given, 'is empty');
}

/** A response is made for this: one that nobody needs may be deleted. */
async function onStored(run: VerificationRun, route: 'responses.get' | 'responses.delete'): Promise<Result> {
  if (run.model === undefined) return skipped('There is no published name to ask.');
  const made = await run.call({ route: 'responses.create', json: responseBody(run.habits, run.model, false) });
  const id = idOf(made);
  if (id === undefined) return failureOf(run, 'responses.create', made);
  const given = await run.call({ route, parameters: { response_id: id } });
  const isGood = isAnswer(given, ['application/json']);
  if (route === 'responses.get') await run.reference.call('responses.delete', { response_id: id });
  return isGood ? told(given) : failureOf(run, route, given);
}

async function transcription(run: VerificationRun): Promise<Result> {
  const model = serving(run, 'transcribe');
  if (model === undefined) return skipped('The key may use no published name that transcribes.');
  const form = new FormData();
  form.append('model', model);
  form.append('file', new Blob([silence()], { type: 'audio/wav' }), 'silence.wav');
  const given = await run.call({ route: 'audio.transcriptions.create', form });
  return isAnswer(given, ['application/json']) ? told(given) : failureOf(run, 'audio.transcriptions.create', given);
}

async function conversation(run: VerificationRun): Promise<Result> {
  const given = await run.call({ route: 'conversations.create', json: {} });
  const id = idOf(given);
  if (id === undefined) return failureOf(run, 'conversations.create', given);
  await run.reference.call('conversations.delete', { conversation_id: id });
  return told(given);
}

function idOf(given: Exchange): string | undefined {
  return isAnswer(given, ['application/json']) ? madeObject.safeParse(jsonOf(given)).data?.id : undefined;
}

function told({ method, url }: Exchange): Result {
  return passed(`${method} ${url} is answered.`);
}

function serving({ models }: VerificationRun, modality: Modality): string | undefined {
  return models.find((model) => model.modalities.includes(modality))?.id;
}
