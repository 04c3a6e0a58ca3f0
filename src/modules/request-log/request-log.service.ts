import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import type { RowPage } from '../../contracts/lists.js';
import type { ListRequestsQuery } from '../../contracts/requests.js';
import { AppError } from '../../kernel/app-error.js';
import { UsageService } from '../usage/usage.service.js';
import type { UsageRecord } from '../usage/usage.repository.js';
import { RequestLogRepository, type RequestRecord } from './request-log.repository.js';

/** A call with what it took of providers, in the order of its tries. */
export interface RequestWithCalls {
  readonly request: RequestRecord;
  readonly calls: readonly UsageRecord[];
}

/** A tenant's request log, as far back as it is kept. */
@Injectable()
export class RequestLogService {
  private readonly days: number;

  constructor(
    private readonly repository: RequestLogRepository,
    private readonly usage: UsageService,
    config: Config,
  ) {
    this.days = config.GT_REQUEST_LOG_DAYS;
  }

  /** @throws AppError invalid_value for a cursor that is no row of the log. */
  list(tenantId: string, query: ListRequestsQuery): Promise<RowPage<RequestRecord>> {
    return this.repository.list(tenantId, query, this.days);
  }

  /** @throws AppError not_found. */
  async get(tenantId: string, id: string): Promise<RequestWithCalls> {
    const request = await this.repository.get(tenantId, id, this.days);
    if (request === undefined) throw new AppError('not_found', { param: 'id', message: 'No such request in the log.' });
    const ids = request.calls === '' ? [] : request.calls.split(' ');
    return { request, calls: await this.usage.callsOf(tenantId, ids) };
  }
}
