import { idPrefixes } from '../../../../kernel/ids.js';
import type { ForeignId } from '../../wire/foreign-ids.js';
import type { ModelTarget } from '../../../agents/published-endpoint.js';

/** The id of an answer of this form, where the platform gives it one: the request's own, so that it is one in all its events. */
export function answerId({ idPrefix }: ChoicesForm, requestId: string): string {
  return idPrefix + requestId.slice(idPrefixes.request.length);
}

/** What tells chat from legacy completions, which otherwise are asked and answered alike: in choices. */
export interface ChoicesForm {
  /** Which of the connection's paths is called. */
  readonly path: keyof ModelTarget['paths'];
  /** The member that holds what is asked. */
  readonly input: 'messages' | 'prompt';
  /** What an event of the stream calls itself. */
  readonly eventObject: string;
  /** Beginning of an answer's id. */
  readonly idPrefix: string;
  /** Its answers are stored where a client asks for that (`store: true`). */
  readonly stores: boolean;
  /** Members with which a provider repeats what it was told. */
  readonly repeating: readonly string[];
  /** True for an object id of a request that is looked up later. */
  readonly isKnown?: (id: ForeignId) => boolean;
  /** A choice of a whole reply as choices of the events that would have said it. */
  eventChoices(choice: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[];
}
