import { batchBounds, type BatchError } from '../../../contracts/batches.js';
import type { HandoverRecord } from '../../batches/batch-handover.js';
import type { BatchEnd, BatchRecord } from '../../batches/batch-record.js';
import type { Refused } from '../../provider-jobs/answer-faults.js';
import { cleanText } from '../../provider-jobs/told-texts.js';
import type { ProviderFault } from '../../provider-jobs/provider-fault.js';
import type { ProviderBatch } from './provider-batch.js';

/** How far a batch is by its provider's words. */
export type ToldState = 'validating' | 'running' | 'finalizing' | 'failed' | BatchEnd;

const states: Readonly<Record<string, ToldState>> = {
  validating: 'validating',
  in_progress: 'running',
  cancelling: 'running',
  finalizing: 'finalizing',
  failed: 'failed',
  completed: 'completed',
  expired: 'expired',
  cancelled: 'cancelled',
};

/** How far a batch is; undefined: its provider says something that is not known. */
export function stateTold({ status }: ProviderBatch): ToldState | undefined {
  return Object.hasOwn(states, status) ? states[status] : undefined;
}

/** What a provider's words about a batch are cleaned of. */
export function toldOf({ alias, model, ...handover }: HandoverRecord, { id, inputFileId }: BatchRecord): Refused {
  const pairs: readonly (readonly [string | null, string | null])[] = [
    [handover.providerBatch, id],
    [handover.providerFile, inputFileId],
    [handover.outputFile, null],
    [handover.errorFile, null],
  ];
  const names = new Map(pairs.flatMap(([theirs, ours]) => (theirs === null ? [] : [[theirs, ours] as const])));
  return { names, baseModel: model, model: alias };
}

const word = /^[a-z][a-z0-9_]{0,63}$/;
const place = /^[A-Za-z][A-Za-z0-9_.[\]]{0,63}$/;
const refused = 'The provider refused the batch.';

/**
 * What a provider has found wrong with its input, in our words.
 * @param numberOf the number of our line that stood at a place of the provider's input.
 */
export function errorsTold(
  { errors }: ProviderBatch,
  told: Refused & { readonly secrets: readonly string[] },
  numberOf: (place: number) => number | undefined,
): BatchError[] {
  const found = (errors?.data ?? []).slice(0, batchBounds.listedErrors).map(({ code, message, line, param }) => ({
    code: word.test(code ?? '') ? (code ?? '') : 'invalid_request',
    line: line == null ? null : (numberOf(line) ?? null),
    message: message == null ? refused : cleanText(message, told),
    param: place.test(param ?? '') ? (param ?? null) : null,
  }));
  return found.length > 0 ? found : [{ code: 'invalid_request', line: null, message: refused, param: null }];
}

/** A provider's refusal to take a batch. */
export function errorOf({ message, further }: ProviderFault): BatchError {
  const code = further.code ?? '';
  return { code: word.test(code) ? code : 'invalid_request', line: null, message, param: null };
}
