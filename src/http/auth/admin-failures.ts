import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { FailureLimiter } from './failure-limiter.js';

/** How a try ends that counts. */
const counted: ReadonlySet<string> = new Set(['invalid_credentials', 'second_factor_required', 'not_found', 'overloaded']);

/** Failed tries to come in to the admin plane, by token, session, password or link: those of one address count together. */
@Injectable()
export class AdminFailures {
  private readonly limiter: FailureLimiter;

  constructor(config: Config) {
    this.limiter = new FailureLimiter(config.GT_AUTH_FAILURES_PER_MINUTE);
  }

  /**
   * Lets somebody try to come in. What is shown wrongly counts, and so does what is only half right or cannot be judged; after too many
   * of one address nothing is judged any more, right or wrong: 429.
   */
  async of<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    const refusal = this.limiter.refusal(request.gt.ip);
    if (refusal !== undefined) throw refusal;
    try {
      return await work();
    } catch (error) {
      throw error instanceof AppError && counted.has(error.code) ? (this.count(request) ?? error) : error;
    }
  }

  /** Counts one; the error to answer when there were too many. */
  count(request: FastifyRequest): AppError | undefined {
    return this.limiter.count(request.gt.ip);
  }
}
