import type { CallDraft, FirstCall } from './call-plan.js';
import { NotHandedOnError } from './given-answer.js';
import type { InferenceRequest } from './inference-request.js';

/** True for a call that is not sent by itself: it is written into a batch of its provider, or its answer was read from one. */
export function isHandedOn({ writeDown, given }: InferenceRequest): boolean {
  return writeDown !== undefined || given !== undefined;
}

/** @throws NotHandedOnError for a call that goes on from something, or that others must come before. */
export function refuseMoreThanSending({ background, dialogue, endpoint, rest }: CallDraft, goesOn: boolean): void {
  if (goesOn) throw new NotHandedOnError('it continues a conversation');
  if (background !== undefined || rest !== undefined) throw new NotHandedOnError('it is not whole');
  if (dialogue === undefined) return;
  if ((endpoint.agent?.datasets.length ?? 0) > 0 || dialogue.fileSearch !== undefined)
    throw new NotHandedOnError('it is answered from documents');
  if (dialogue.previousResponseId !== undefined || dialogue.references.length > 0 || dialogue.files.length > 0)
    throw new NotHandedOnError('it names what the platform keeps');
}

/** @throws NotHandedOnError where another call must come first. */
export function refuseFirst(first: FirstCall): void {
  throw new NotHandedOnError(`a call to ${first.plan.kind.routeId} comes first`);
}
