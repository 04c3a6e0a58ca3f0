import { Injectable } from '@nestjs/common';
import type { CreateFineTuningJobRequest } from '../../../contracts/fine-tuning.js';
import { AppError } from '../../../kernel/app-error.js';
import { newId } from '../../../kernel/ids.js';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import { EndpointDirectory } from '../../agents/endpoint-directory.js';
import type { RecordingOf } from '../../idempotency/recording.js';
import type { Identity } from '../../keys/key-facts.js';
import { TuningJobsRepository, type NewTuningRecord } from '../record/tuning-jobs.repository.js';
import type { TuningRecord } from '../record/tuning-record.js';
import { TuningQueue } from '../run/tuning-queue.js';
import { tunedName, withGraderModels } from '../tuned-names.js';
import { KeyTouches } from '../../usage/key-touches.js';
import { graderModel, namingNeed, tunableModel } from './asked-model.js';
import { TrainingFiles } from './training-files.js';

/** So many jobs of a tenant run at once, and so many are kept. */
const mostOpen = 20;
const mostKept = 10_000;

/** Takes fine-tuning jobs in. A worker hands them to the provider. */
@Injectable()
export class TuningCreation {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: TuningJobsRepository,
    private readonly endpoints: EndpointDirectory,
    private readonly files: TrainingFiles,
    private readonly queue: TuningQueue,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * @throws AppError model_not_found, unsupported_modality, unsupported_parameter, invalid_value; rate_limit_exceeded while
   * the tenant has as many unfinished jobs as it may.
   */
  async create(
    { key, tenant }: Identity,
    input: CreateFineTuningJobRequest,
    recordingOf: RecordingOf<TuningRecord>,
  ): Promise<TuningRecord> {
    const tenantId = tenant.id;
    refuseIntegrations(input);
    refuseMixedMethod(input);
    const endpoints = await this.endpoints.of(tenantId);
    const { name, connection, model, modalities } = tunableModel(endpoints, key, input.model);
    const needs = [namingNeed(endpoints, input.model)];
    const sentMethod =
      input.method === undefined
        ? undefined
        : withGraderModels(input.method, (named, param) => {
            needs.push(namingNeed(endpoints, named));
            return graderModel(endpoints, key, named, { connectionId: connection.id, param });
          });
    const { training_file: trainingFile, validation_file: validationFile = null } = input;
    await this.files.check(tenantId, trainingFile, 'training_file');
    if (validationFile !== null) await this.files.check(tenantId, validationFile, 'validation_file');
    const id = newId('fineTuningJob');
    const values: Omit<NewTuningRecord, 'trainingKey'> = {
      keyId: key.id,
      model: name,
      connectionId: connection.id,
      baseModel: model,
      modalities: [...modalities],
      suffix: input.suffix ?? null,
      seed: input.seed ?? null,
      trainingFile,
      validationFile,
      tunedName: tunedName(name, tenant.slug, input.suffix ?? null),
      ...given({ method: input.method, sentMethod, hyperparameters: input.hyperparameters, metadata: input.metadata }),
    };
    const { job, open } = await this.database.run(tenantId, async (tx) => {
      const { open, all } = await this.jobs.counts(tx, tenantId);
      if (open >= mostOpen) throw tooMany();
      if (all >= mostKept) await this.jobs.removeOldest(tx, tenantId, all - mostKept + 1);
      const hold = (file: string, param: string) => this.files.hold(tx, tenantId, file, { jobId: id, param });
      const trainingKey = await hold(trainingFile, 'training_file');
      const validationKey = validationFile === null ? null : await hold(validationFile, 'validation_file');
      const job = await this.jobs.insert(tx, { tenantId, id }, { ...values, trainingKey, validationKey });
      await recordingOf(job)(tx);
      return { job, open };
    });
    this.touches.rely(key, needs);
    await this.queue.enqueue({ tenantId, id }, open);
    return job;
  }
}

/** Members that say something, as JSON columns want them. */
function given<T extends Record<string, unknown>>(members: T) {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> & object };
}

function refuseIntegrations({ integrations }: CreateFineTuningJobRequest): void {
  if (integrations == null || integrations.length === 0) return;
  throw new AppError('unsupported_parameter', {
    param: 'integrations',
    message: "'integrations' is not supported here: nothing of a job goes to other services.",
  });
}

/** Settings of a method that is not the job's would be lost without a word. */
function refuseMixedMethod({ method, hyperparameters }: CreateFineTuningJobRequest): void {
  if (method === undefined) return;
  const others = (['supervised', 'dpo', 'reinforcement'] as const).filter((type) => type !== method.type);
  const other = others.find((type) => method[type] !== undefined);
  if (other !== undefined)
    throw new AppError('invalid_value', { param: `method.${other}`, message: `The method of this job is ${method.type}.` });
  if (method.type === 'reinforcement' && method.reinforcement === undefined)
    throw new AppError('missing_required_parameter', { param: 'method.reinforcement' });
  if (hyperparameters !== undefined && method[method.type]?.hyperparameters !== undefined)
    throw new AppError('invalid_value', {
      param: 'hyperparameters',
      message: `Give them once: here, or in method.${method.type}.`,
    });
}

function tooMany(): AppError {
  return new AppError('rate_limit_exceeded', {
    message: `This tenant has ${mostOpen} unfinished fine-tuning jobs, as many as it may. Wait for one to end, or cancel one.`,
    headers: { 'retry-after': '60' },
  });
}
