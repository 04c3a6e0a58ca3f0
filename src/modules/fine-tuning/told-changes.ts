import { isFields } from '../../kernel/fields.js';
import type { TuningStatus } from '../../contracts/fine-tuning.js';
import { cleanText } from '../provider-jobs/told-texts.js';
import type { ProviderJob } from './provider/provider-objects.js';
import type { TuningChange } from './record/tuning-jobs.repository.js';
import type { TuningError, TuningRecord } from './record/tuning-record.js';
import { toldOf } from './tuning-names.js';

/** What a provider's word for a state means; undefined for one that is not known. */
const statuses: Readonly<Record<string, TuningStatus>> = {
  validating_files: 'validating_files',
  created: 'queued',
  pending: 'queued',
  queued: 'queued',
  notRunning: 'queued',
  paused: 'queued',
  pausing: 'running',
  resuming: 'queued',
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** How far a job is by what its provider says; undefined: it says something that is not known. */
export function statusTold({ status }: ProviderJob): TuningStatus | undefined {
  return Object.hasOwn(statuses, status) ? statuses[status] : undefined;
}

/** What a provider's answer changes of a job, but for its state. */
export function toldChanges({ trained_tokens, estimated_finish, hyperparameters }: ProviderJob): TuningChange {
  const figures = hyperparametersOf(hyperparameters);
  return {
    trainedTokens: trained_tokens ?? null,
    estimatedFinish: estimated_finish == null ? null : new Date(estimated_finish * 1000),
    ...(figures === undefined ? {} : { providerHyperparameters: figures }),
  };
}

/** Why a job failed at its provider. */
export function errorTold({ error }: ProviderJob, job: TuningRecord, secrets: readonly string[]): TuningError {
  const code = error?.code ?? '';
  const param = error?.param ?? '';
  return {
    code: /^[a-z][a-z0-9_]{0,63}$/.test(code) ? code : 'provider_error',
    message:
      error?.message == null ? 'The provider could not do the job.' : cleanText(error.message, { ...toldOf(job), secrets }),
    param: /^[a-z_]{1,32}$/.test(param) ? param : null,
  };
}

const shown = ['n_epochs', 'batch_size', 'learning_rate_multiplier', 'beta'] as const;

function hyperparametersOf(given: unknown): Record<string, number | 'auto'> | undefined {
  if (!isFields(given)) return undefined;
  const figures = shown.flatMap((name): [string, number | 'auto'][] => {
    const value = given[name];
    return value === 'auto' || (typeof value === 'number' && Number.isFinite(value)) ? [[name, value]] : [];
  });
  return figures.length === 0 ? undefined : Object.fromEntries(figures);
}
