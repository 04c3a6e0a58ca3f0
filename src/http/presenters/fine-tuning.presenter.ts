import type {
  FineTuningCheckpointObject,
  FineTuningEventObject,
  FineTuningJobObject,
  TuningMethod,
  TuningStatus,
} from '../../contracts/fine-tuning.js';
import type { RowPage } from '../../contracts/lists.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import { isFields, type Fields } from '../../kernel/fields.js';
import {
  hasEnded,
  type TuningCheckpointRecord,
  type TuningError,
  type TuningEventRecord,
  type TuningRecord,
} from '../../modules/fine-tuning/record/tuning-record.js';
import { checkpointName } from '../../modules/fine-tuning/tuning-names.js';

/** A job in OpenAI's form. Of the provider's answer it has the figures alone. */
export function presentTuningJob(job: TuningRecord, tenantSlug: string): FineTuningJobObject {
  const isOver = hasEnded(job);
  const figures = hyperparametersOf(job);
  return {
    object: 'fine_tuning.job',
    id: job.id,
    created_at: toUnixSeconds(job.createdAt),
    finished_at: isOver && job.finishedAt !== null ? toUnixSeconds(job.finishedAt) : null,
    estimated_finish: isOver ? null : secondsOrNull(job.estimatedFinish),
    model: job.model,
    fine_tuned_model: job.fineTunedModel,
    organization_id: tenantSlug,
    status: job.status as TuningStatus,
    training_file: job.trainingFile,
    validation_file: job.validationFile,
    result_files: isOver ? job.resultFiles : [],
    trained_tokens: job.trainedTokens === null ? null : Number(job.trainedTokens),
    hyperparameters: figures,
    method: methodOf(job, figures),
    error: job.error as unknown as TuningError | null,
    seed: job.seed ?? 0,
    metadata: job.metadata as Record<string, string> | null,
    integrations: [],
  };
}

/** A page of jobs. */
export function presentTuningJobs({ rows, hasMore }: RowPage<TuningRecord>, tenantSlug: string) {
  return { object: 'list' as const, data: rows.map((job) => presentTuningJob(job, tenantSlug)), has_more: hasMore };
}

/** A page of a job's events. */
export function presentTuningEvents({ rows, hasMore }: RowPage<TuningEventRecord>) {
  return { object: 'list' as const, data: rows.map(presentEvent), has_more: hasMore };
}

/** A page of a job's checkpoints. */
export function presentTuningCheckpoints({ rows, hasMore }: RowPage<TuningCheckpointRecord>, job: TuningRecord) {
  const data = rows.map((row): FineTuningCheckpointObject => ({
    object: 'fine_tuning.job.checkpoint',
    id: row.id,
    created_at: toUnixSeconds(row.createdAt),
    fine_tuning_job_id: job.id,
    fine_tuned_model_checkpoint: checkpointName(job, row),
    step_number: row.stepNumber,
    metrics: fieldsOf(row.metrics),
  }));
  return { object: 'list' as const, data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: hasMore };
}

function presentEvent(event: TuningEventRecord): FineTuningEventObject {
  return {
    object: 'fine_tuning.job.event',
    id: event.id,
    created_at: toUnixSeconds(event.createdAt),
    level: event.level as FineTuningEventObject['level'],
    message: event.message,
    type: event.type as FineTuningEventObject['type'],
    data: fieldsOf(event.data),
  };
}

/** What the provider has settled on, else what was asked for, else what OpenAI shows where nothing was. */
function hyperparametersOf({ method, hyperparameters, providerHyperparameters }: TuningRecord): Fields {
  const { type, ...settings } = fieldsOf(method);
  const { hyperparameters: own } = fieldsOf(settings[String(type)]);
  const usual = { n_epochs: 'auto', batch_size: 'auto', learning_rate_multiplier: 'auto' };
  const known = { ...usual, ...fieldsOf(hyperparameters), ...fieldsOf(own), ...fieldsOf(providerHyperparameters) };
  return Object.fromEntries(Object.keys(usual).map((name) => [name, (known as Fields)[name]]));
}

function methodOf({ method }: TuningRecord, figures: Fields): FineTuningJobObject['method'] {
  if (isFields(method)) return method as TuningMethod;
  return { type: 'supervised', supervised: { hyperparameters: figures } };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
