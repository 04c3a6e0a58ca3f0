import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Log } from '../../observability/log.js';
import { Metrics } from '../../observability/metrics.js';
import { RequestBodies } from '../../modules/request-log/bodies/request-bodies.js';
import { RequestLog } from '../../modules/request-log/request-log.js';
import { UsageService } from '../../modules/usage/usage.service.js';
import type { RequestContext } from './request-context.js';

/**
 * One line and one count for every request, whatever became of it, a row of its tenant's request log, and the end of its trace; what a key exercised is remembered in memory, without
 * a write. The key's id is logged, the key never.
 */
@Injectable()
export class AccessLog {
  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
    private readonly usage: UsageService,
    private readonly requests: RequestLog,
    private readonly bodies: RequestBodies,
  ) {}

  write(request: FastifyRequest, reply: FastifyReply): void {
    // Who left before the answer began got none; 499 is what nginx calls that.
    const status = reply.raw.headersSent ? reply.raw.statusCode : 499;
    this.note(request, request.gt, status, !reply.raw.writableFinished);
  }

  /** The same for a call that has no reply of its own, such as one of a socket. @param gt what is known of the call. */
  note(request: FastifyRequest, gt: RequestContext, status: number, isAborted: boolean): void {
    const config = request.routeOptions.config as FastifyRequest['routeOptions']['config'] | undefined;
    const route = config?.gtRoute ?? config?.gtAdminRoute ?? 'none';
    const latencyMs = performance.now() - gt.startedAt;
    this.metrics.requests.add(route, status);
    this.metrics.latency.observe(route, latencyMs / 1000);
    this.touch(request, gt);
    gt.trace?.ended({
      requestId: gt.requestId,
      status,
      errorCode: gt.errorCode,
      isAborted,
      tenantId: gt.identity?.tenant.id ?? gt.admin?.tenantId,
      keyId: gt.identity?.key.id ?? gt.admin?.tokenId,
      endpoint: gt.endpoint,
    });
    this.keep(request, gt, route, status, latencyMs, isAborted);
    if (this.log.tellsRequests) this.log.request(this.line(request, gt, route, status, latencyMs, isAborted));
  }

  /**
   * The line's members after level and time, as JSON. Everything in it is an id, a checked name or a number and needs
   * no escaping: a general serializer costs a tenth of a relayed call.
   */
  private line(
    request: FastifyRequest,
    gt: RequestContext,
    route: string,
    status: number,
    latencyMs: number,
    isAborted: boolean,
  ): string {
    const word = (name: string, value: string | null | undefined): string => (value == null ? '' : `,"${name}":"${value}"`);
    return (
      word('request_id', gt.requestId) +
      word('tenant_id', gt.identity?.tenant.id ?? gt.admin?.tenantId) +
      word('key_id', gt.identity?.key.id ?? gt.admin?.tokenId) +
      word('method', request.method) +
      word('route', route) +
      (gt.endpoint === undefined ? '' : `,"endpoint":${JSON.stringify(gt.endpoint)}`) +
      `,"status":${status}` +
      word('code', gt.errorCode) +
      `,"latency_ms":${Math.round(latencyMs * 100) / 100}` +
      (isAborted ? ',"aborted":true' : '') +
      word('ip', gt.ip) +
      word('channel', channel(request)) +
      ',"msg":"request"'
    );
  }

  /** The row of a call in the log of its tenant. Without a key that is known there is no tenant. */
  private keep(
    request: FastifyRequest,
    gt: RequestContext,
    route: string,
    status: number,
    latencyMs: number,
    isAborted: boolean,
  ): void {
    const { identity, entry } = gt;
    if (identity === undefined || identity.tenant.logsRequests === false) return;
    const hasRow = this.requests.add({
      tenantId: identity.key.tenantId,
      keyId: identity.key.id,
      requestId: gt.requestId,
      method: request.method,
      route,
      endpoint: gt.endpoint,
      status,
      errorCode: gt.errorCode,
      isAborted,
      startedAt: gt.startedAt,
      latencyMs,
      enteredAt: entry?.enteredAt,
      sums: entry?.sums,
      address: gt.ip,
      agent: request.headers['user-agent'],
    });
    const { bodies } = gt;
    if (bodies === undefined) return;
    const { tenantId, promptPolicy: policy } = identity.key;
    if (hasRow) this.bodies.keep({ tenantId, requestId: gt.requestId, policy, bodies });
    else this.bodies.forget();
  }

  /** Remembers what a key exercised. A call that reached a provider is remembered by its usage record. */
  private touch(request: FastifyRequest, { identity, isAllowed, endpoint }: RequestContext): void {
    if (identity === undefined || !isAllowed || endpoint !== undefined) return;
    this.usage.touch(identity.key.tenantId, identity.key.id, request.routeOptions.config.gtRoute);
  }
}

/** OpenClaw's channel of a message: accepted and logged, as far as it is a plain word (contract section 6). */
function channel(request: FastifyRequest): string | undefined {
  const value = request.headers['x-openclaw-message-channel'];
  return typeof value === 'string' && /^[A-Za-z0-9._:-]{1,64}$/.test(value) ? value : undefined;
}
