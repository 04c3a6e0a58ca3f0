import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Evidence } from '../../catalog/runbooks/evidence-hash.js';
import { findRunbook } from '../../catalog/runbooks/index.js';
import type { RowPage } from '../../contracts/lists.js';
import type { ListRunbookRunsQuery, VerifyRunbookRequest } from '../../contracts/runbook-runs.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { canBeEmulated } from '../../verification/verify.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { RunbookQueue } from './runbook-queue.js';
import type { RunbookRunRecord, RunbookRunRow } from './runbook-run-record.js';
import { RunbookRunsRepository } from './runbook-runs.repository.js';

/** So many runs of a tenant are under way at a time, and so many of a product are kept. */
const mostOpen = 5;
const mostKept = 50;

/** Takes in what is to be verified, and shows what workers have seen. */
@Injectable()
export class RunbookRunsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly runs: RunbookRunsRepository,
    private readonly audit: AuditWriter,
    private readonly queue: RunbookQueue,
  ) {}

  /**
   * @param slug of the product, or a name that it had.
   * @param origin where the worker finds this installation: from the settings of this process, never from a request.
   * @throws AppError not_found; invalid_value for a product of which no client can be made; rate_limit_exceeded while the
   * tenant has as many unfinished runs as it may.
   */
  async create(actor: Actor, slug: string, input: VerifyRunbookRequest, origin: string): Promise<RunbookRunRecord> {
    const row = findRunbook(slug);
    if (row === undefined) throw new AppError('not_found', { message: 'There is no such runbook.' });
    if (!canBeEmulated(row))
      throw new AppError('invalid_value', { message: `${row.name} is no client of the platform: ${row.summary}` });
    const { tenantId } = actor;
    const id = newId('runbookRun');
    const asked = { runbook: row.slug, model: input.model, embed_model: input.embed_model, dataset: input.dataset };
    const { run, open } = await this.database.run(tenantId, async (tx) => {
      const open = await this.runs.unfinished(tx, tenantId);
      if (open >= mostOpen) throw tooMany();
      const run = await this.runs.insert(
        tx,
        { tenantId, id },
        {
          runbook: row.slug,
          model: input.model ?? null,
          embedModel: input.embed_model ?? null,
          dataset: input.dataset ?? null,
          origin,
          askedBy: actor.name,
          askedRole: actor.role,
          askedAddress: actor.address,
          requestId: actor.requestId,
        },
      );
      await this.runs.trim(tx, tenantId, row.slug, mostKept);
      await this.audit.record(tx, actor, { action: 'verify', kind: 'runbook.run', objectId: id, changes: asked });
      return { run, open };
    });
    await this.queue.enqueue({ tenantId, id, attempts: 0 }, open);
    return run;
  }

  /** @throws AppError not_found. */
  async get({ tenantId }: Actor, id: string): Promise<RunbookRunRecord> {
    const run = await this.database.run(tenantId, (tx) => this.runs.find(tx, { tenantId, id }));
    if (run === null) throw new AppError('not_found', { message: 'There is no such run.' });
    return run;
  }

  /** @throws AppError invalid_value for a cursor that is no run of the tenant. */
  list({ tenantId }: Actor, { runbook, ...query }: ListRunbookRunsQuery): Promise<RowPage<RunbookRunRow>> {
    const filter = runbook === undefined ? {} : { runbook: findRunbook(runbook)?.slug ?? runbook };
    return this.database.run(tenantId, (tx) => this.runs.list(tx, tenantId, { ...query, ...filter }));
  }

  /** The tenant's own runs that passed, the last one of each product. */
  evidence({ tenantId }: Actor): Promise<Evidence[]> {
    return this.database.run(tenantId, (tx) => this.runs.evidence(tx, tenantId));
  }
}

function tooMany(): AppError {
  return new AppError('rate_limit_exceeded', {
    message: `This tenant has ${mostOpen} unfinished runs of runbooks, as many as it may. Wait for one to end.`,
    headers: { 'retry-after': '5' },
  });
}
