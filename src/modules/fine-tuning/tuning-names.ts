import type { KnownNames } from '../provider-jobs/told-texts.js';
import type { Refused } from '../provider-jobs/answer-faults.js';
import type { TuningCheckpointRecord, TuningRecord } from './record/tuning-record.js';

const parameters: ReadonlySet<string> = new Set([
  'training_file',
  'validation_file',
  'suffix',
  'seed',
  'method',
  'hyperparameters',
  'model',
]);

/** How a checkpoint's model is named here. */
export function checkpointName({ tunedName }: TuningRecord, { stepNumber }: Pick<TuningCheckpointRecord, 'stepNumber'>): string {
  return `${tunedName}:ckpt-step-${stepNumber}`;
}

/** What a provider's words about a job are cleaned of. */
export function toldOf(
  job: TuningRecord,
  checkpoints: readonly Pick<TuningCheckpointRecord, 'providerModel' | 'stepNumber'>[] = [],
): Refused {
  const pairs: readonly (readonly [string | null, string | null])[] = [
    [job.providerJob, job.id],
    [job.trainingCopy, job.trainingFile],
    [job.validationCopy, job.validationFile],
    [job.providerModel, job.tunedName],
    ...checkpoints.map((one) => [one.providerModel, checkpointName(job, one)] as const),
  ];
  const names: KnownNames = new Map(pairs.flatMap(([theirs, ours]) => (theirs === null ? [] : [[theirs, ours] as const])));
  return { names, baseModel: job.baseModel, model: job.model, parameters };
}
