import { Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TuningChanges, type TuningVerb } from '../../../modules/fine-tuning/jobs/tuning-changes.service.js';
import { TuningCreation } from '../../../modules/fine-tuning/jobs/tuning-creation.service.js';
import { TuningJobsService } from '../../../modules/fine-tuning/jobs/tuning-jobs.service.js';
import type { TuningPlace, TuningRecord } from '../../../modules/fine-tuning/record/tuning-record.js';
import { identityOf } from '../../auth/identity.js';
import { recordedAs } from '../../idempotency/recorded-as.js';
import {
  presentTuningCheckpoints,
  presentTuningEvents,
  presentTuningJob,
  presentTuningJobs,
} from '../../presenters/fine-tuning.presenter.js';
import { GtRoute } from '../../routing/gt-route.decorator.js';
import { pathParameter } from '../../routing/path-parameter.js';
import { bodyOf } from '../../routing/row-body.js';
import { queryOf } from '../../routing/row-query.js';

/** Fine-tuning jobs, as OpenAI has them. They belong to the tenant. */
@Controller()
export class FineTuningController {
  constructor(
    private readonly jobs: TuningJobsService,
    private readonly creation: TuningCreation,
    private readonly changes: TuningChanges,
  ) {}

  @GtRoute('fine_tuning.jobs.list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'fine_tuning.jobs.list');
    const { id, slug } = identityOf(request).tenant;
    return presentTuningJobs(await this.jobs.list(id, query), slug);
  }

  @GtRoute('fine_tuning.jobs.get')
  async get(@Req() request: FastifyRequest) {
    queryOf(request, 'fine_tuning.jobs.get');
    return shown(request)(await this.jobs.get(placeOf(request)));
  }

  @GtRoute('fine_tuning.jobs.events.list')
  async events(@Req() request: FastifyRequest) {
    return presentTuningEvents(await this.jobs.events(placeOf(request), queryOf(request, 'fine_tuning.jobs.events.list')));
  }

  @GtRoute('fine_tuning.jobs.checkpoints.list')
  async checkpoints(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'fine_tuning.jobs.checkpoints.list');
    const page = await this.jobs.checkpoints(placeOf(request), query);
    return presentTuningCheckpoints(page, page.job);
  }

  @GtRoute('fine_tuning.jobs.create')
  async create(@Req() request: FastifyRequest) {
    queryOf(request, 'fine_tuning.jobs.create');
    const input = bodyOf(request, 'fine_tuning.jobs.create');
    const present = shown(request);
    return present(await this.creation.create(identityOf(request), input, recordedAs(request, present)));
  }

  @GtRoute('fine_tuning.jobs.cancel')
  cancel(@Req() request: FastifyRequest) {
    queryOf(request, 'fine_tuning.jobs.cancel');
    return this.change(request, 'cancel');
  }

  @GtRoute('fine_tuning.jobs.pause')
  pause(@Req() request: FastifyRequest) {
    queryOf(request, 'fine_tuning.jobs.pause');
    return this.change(request, 'pause');
  }

  @GtRoute('fine_tuning.jobs.resume')
  resume(@Req() request: FastifyRequest) {
    queryOf(request, 'fine_tuning.jobs.resume');
    return this.change(request, 'resume');
  }

  private async change(request: FastifyRequest, verb: TuningVerb) {
    const present = shown(request);
    return present(await this.changes.change(placeOf(request), verb, recordedAs(request, present)));
  }
}

function placeOf(request: FastifyRequest): TuningPlace {
  return { tenantId: identityOf(request).tenant.id, id: pathParameter(request, 'fine_tuning_job_id') };
}

function shown(request: FastifyRequest) {
  const { slug } = identityOf(request).tenant;
  return (job: TuningRecord) => presentTuningJob(job, slug);
}
