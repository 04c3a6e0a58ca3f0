import { Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { Config } from '../../../config/config.module.js';
import { AppError } from '../../../kernel/app-error.js';
import { ReadinessService } from '../../../modules/system/readiness.service.js';
import { Metrics } from '../../../observability/metrics.js';
import { ReplyFrame } from '../../reply/reply-frame.js';
import { publicOrigin } from '../../routing/public-origin.js';
import { unknownUrl } from '../../routing/unknown-url.js';
import { SystemRoute } from '../../routing/system-route.decorator.js';

const leaving = { ok: false, message: 'The process is about to stop.' };

/** Health, readiness, metrics, and the index of the data plane. */
@Controller()
export class SystemController {
  constructor(
    private readonly readiness: ReadinessService,
    private readonly metrics: Metrics,
    private readonly config: Config,
    private readonly frame: ReplyFrame,
  ) {}

  /** The process is alive. Asks nothing of anything else. */
  @SystemRoute('healthz')
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The process can work; 503 when it cannot, each part named, and when it is about to stop. */
  @SystemRoute('readyz')
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    const { status, checks } = await this.readiness.check();
    if (this.frame.isLeaving) {
      await reply.code(503).send({ status: 'down', checks: { ...checks, process: leaving } });
      return;
    }
    await reply.code(status === 'down' ? 503 : 200).send({ status, checks });
  }

  /** Prometheus metrics for whoever has GT_METRICS_TOKEN; without that setting the path does not exist. */
  @SystemRoute('metrics')
  async metricsText(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = this.config.GT_METRICS_TOKEN;
    if (token === undefined) throw unknownUrl(request);
    if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) {
      throw new AppError('invalid_api_key', { message: 'The metrics need the token of GT_METRICS_TOKEN.' });
    }
    await reply.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  /** What stands at the base URL, so that a pasted address says that it is right. */
  @SystemRoute('tenantIndex')
  tenantIndex(@Req() request: FastifyRequest): { object: 'api'; name: string; base_url: string } {
    return { object: 'api', name: 'GT API', base_url: `${publicOrigin(request, this.config)}/api/tenant/v1` };
  }
}

function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
