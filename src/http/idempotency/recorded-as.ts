import type { FastifyRequest } from 'fastify';
import { unrecorded, type RecordingOf } from '../../modules/idempotency/recording.js';
import { jsonMediaType } from '../reply/json-text.js';

/**
 * For the handler of a POST that makes or changes something: how its answer, status 200 and JSON, is recorded in the
 * transaction that does so. Without an `Idempotency-Key` nothing is.
 * @param present gives the body that the handler returns for what was made.
 * @param headers gives those that the handler sets for it, names in lower case.
 */
export function recordedAs<T>(
  request: FastifyRequest,
  present: (made: T) => unknown,
  headers: (made: T) => Readonly<Record<string, string>> = () => ({}),
): RecordingOf<T> {
  return recordedAsJson(request, (made) => JSON.stringify(present(made)), headers);
}

/** The same for a handler that has its answer as JSON already. */
export function recordedAsJson<T>(
  request: FastifyRequest,
  json: (made: T) => string,
  headers: (made: T) => Readonly<Record<string, string>> = () => ({}),
): RecordingOf<T> {
  const { idempotency: run } = request.gt;
  if (run === undefined) return unrecorded;
  return (made) =>
    run.recording({ status: 200, headers: { ...headers(made), 'content-type': jsonMediaType }, body: Buffer.from(json(made)) });
}
