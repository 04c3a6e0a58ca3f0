import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { FailureLimiter } from './failure-limiter.js';

/** Failed tries to come in to the admin plane, by token, session, password or link: those of one address count together. */
@Injectable()
export class AdminFailures {
  private readonly limiter: FailureLimiter;

  constructor(config: Config) {
    this.limiter = new FailureLimiter(config.GT_AUTH_FAILURES_PER_MINUTE);
  }

  /** Lets somebody try to come in: what is shown wrongly counts, and too many are answered 429. */
  async of<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isFailure = error instanceof AppError && (error.code === 'invalid_credentials' || error.code === 'not_found');
      throw isFailure ? (this.count(request) ?? error) : error;
    }
  }

  /** Counts one; the error to answer when there were too many. */
  count(request: FastifyRequest): AppError | undefined {
    return this.limiter.count(request.gt.ip);
  }
}
