import { Readable } from 'node:stream';
import type { DynamicModule, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { routeRow, type RouteId } from '../catalog/routes.js';
import { Config } from '../config/config.module.js';
import { AppError } from '../kernel/app-error.js';
import type { ApprovedCall } from '../modules/approvals/approved-call.js';
import { ApprovalRunner } from '../modules/approvals/approval-runner.js';
import { newTimedId } from '../kernel/ids.js';
import { inferenceKinds } from '../modules/inference/kinds/kinds.js';
import type { Entry } from '../modules/usage/gates/entry.js';
import { RequestBodies } from '../modules/request-log/bodies/request-bodies.js';
import { Gates } from '../modules/usage/gates/gates.js';
import { Log } from '../observability/log.js';
import { NestLog } from '../observability/nest-log.js';
import { steps } from '../observability/tracing/attribute-names.js';
import { inTrace } from '../observability/tracing/current-trace.js';
import { Tracing } from '../observability/tracing/tracing.js';
import { ApprovalGate } from './approvals/approval-gate.js';
import { ApprovedCalls } from './approvals/approved-calls.js';
import { AdminGuard } from './auth/admin-guard.js';
import { identityOf } from './auth/identity.js';
import { TenantGuard } from './auth/tenant-guard.js';
import { BodyRooms } from './body/body-rooms.js';
import { BodyBudget, refuseByHeaders, registerBodyParsers } from './body/json-body.js';
import { RelayDoor } from './controllers/openai/relay-door.js';
import { routedUrl } from './door/absolute-target.js';
import { AccessLog } from './door/access-log.js';
import { captureAnswer, captureRequest } from './door/body-capture.js';
import { ClientAddresses } from './door/client-address.js';
import { restoreHead, routeHeadAsGet } from './door/head-requests.js';
import { answerPreflight } from './door/preflight.js';
import { closeWithConnection } from './door/queued-replies.js';
import { refuseHeaders } from './door/request-headers.js';
import { startContext } from './door/request-start.js';
import { answerBrokenRequest, endUnreadRequest, installWireAnswers } from './door/wire-faults.js';
import { GtAdapter } from './gt-adapter.js';
import { IdempotentCalls } from './idempotency/idempotent-calls.js';
import { AppErrorFilter } from './reply/app-error.filter.js';
import { replyError, toAppError } from './reply/error-reply.js';
import { ReplyFrame } from './reply/reply-frame.js';
import { setReplyHeaders } from './reply/reply-headers.js';
import { checkRoutes } from './routing/route-check.js';
import { unknownUrl } from './routing/unknown-url.js';
import { SocketDoor } from './sockets/socket-door.js';
import { socketRoute } from './sockets/socket-tools.js';
import { installUpgrades, upgradeHead } from './sockets/upgrades.js';
import { refuseUploadByHeaders } from './uploads/multipart-headers.js';
import { uploadBounds } from './uploads/upload-bounds.js';

const relayed: ReadonlySet<RouteId | undefined> = new Set(inferenceKinds.map(({ routeId }) => routeId));

const maxHeaderBytes = 32 * 1024;

/**
 * The API process's application, ready to listen: the routes are held against the table, every hook stands in the
 * order of the contract's decisions (section 3).
 * @throws RouteTableError when table and handlers do not fit.
 */
export async function createApi(module: Type | DynamicModule, config: Config): Promise<NestFastifyApplication> {
  let begin: Beginning = () => undefined;
  const addresses = new ClientAddresses(config.GT_TRUSTED_PROXIES);
  const adapter = new GtAdapter({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: config.GT_MAX_JSON_BYTES,
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    trustProxy: config.GT_TRUSTED_PROXIES.length > 0 ? (address: string) => addresses.isTrusted(address) : false,
    genReqId: () => newTimedId('request', Date.now()),
    requestIdHeader: false,
    rewriteUrl: (request) => {
      routeHeadAsGet(request);
      return routedUrl(request);
    },
    routerOptions: { maxParamLength: 512, ignoreDuplicateSlashes: false },
    http: { maxHeaderSize: maxHeaderBytes, requireHostHeader: false },
    frameworkErrors: (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => {
      begin(request, reply);
      const error = toAppError(thrown);
      replyError(request, reply, error.code === 'unknown_url' ? unknownUrl(request) : error);
    },
    clientErrorHandler: answerBrokenRequest,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.useLogger(new NestLog(app.get(Log)));
  adapter.onUnexpected = (error, request) => app.get(Log).failure(error, { request_id: request.gt.requestId });
  app.useGlobalFilters(new AppErrorFilter(app.get(Log)));
  installWireAnswers(app.getHttpServer());
  installUpgrades(app.getHttpServer());
  const budget = new BodyBudget(config.GT_MAX_BODIES_BYTES, config.GT_TENANT_SHARE_PERCENT);
  begin = beginning(budget, app.get(AccessLog), addresses, app.get(ReplyFrame), app.get(ApprovedCalls));
  const approved = app.get(ApprovedCalls);
  approved.through(app.getHttpServer());
  app.get(ApprovalRunner).makeBy((call) => approved.make(call));
  installHooks(adapter.getInstance() as unknown as FastifyInstance, app, config, budget, begin);
  checkRoutes(app.get(DiscoveryService), new MetadataScanner(), [...inferenceKinds.map(({ routeId }) => routeId), socketRoute]);
  return app;
}

type Beginning = (request: FastifyRequest, reply: FastifyReply) => void;

/** What every request begins with, those too that the framework refuses before any hook. */
function beginning(
  budget: BodyBudget,
  accessLog: AccessLog,
  addresses: ClientAddresses,
  frame: ReplyFrame,
  approvedCalls: ApprovedCalls,
): Beginning {
  return (request, reply) => {
    restoreHead(request.raw);
    const approved = approvedCalls.of(request.raw);
    request.gt = startContext(request, approved?.head.ip ?? addresses.of(request.raw), frame, approved);
    closeWithConnection(reply.raw, request.raw.socket);
    reply.raw.once('close', () => {
      request.gt.isOver = true;
      budget.giveBack(request);
      request.gt.entry?.leave();
      endUnreadRequest(request.raw);
      if (!request.gt.isSocket) accessLog.write(request, reply);
    });
  };
}

function installHooks(
  fastify: FastifyInstance,
  app: NestFastifyApplication,
  config: Config,
  budget: BodyBudget,
  begin: Beginning,
): void {
  const tenantGuard = app.get(TenantGuard);
  const adminGuard = app.get(AdminGuard);
  const idempotent = app.get(IdempotentCalls);
  const approvals = app.get(ApprovalGate);
  const gates = app.get(Gates);
  const bodies = app.get(RequestBodies, { strict: false });
  const tracing = app.get(Tracing);
  registerBodyParsers(fastify, config.GT_MAX_JSON_BYTES, budget, app.get(BodyRooms));
  fastify.decorateRequest('gt', null as unknown as FastifyRequest['gt']);
  fastify.decorate('gtPublicUrl', config.GT_PUBLIC_URL);

  const bounds = uploadBounds(config);
  const judgeHeaders = (
    request: FastifyRequest,
    reply: FastifyReply,
    accepts: 'none' | 'json' | 'multipart',
    done: () => void,
  ): void => {
    const refusal =
      refuseByHeaders(request, accepts, config.GT_MAX_JSON_BYTES) ??
      (accepts === 'multipart' ? refuseUploadByHeaders(request.headers, bounds) : undefined);
    if (refusal === undefined) done();
    else replyError(request, reply, refusal);
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    begin(request, reply);
    const malformed = refuseHeaders(request);
    if (malformed !== undefined) return replyError(request, reply, malformed);
    if (request.method === 'OPTIONS' && request.url.startsWith('/api/tenant/')) return answerPreflight(request, reply);
    const { config: place, url = '' } = request.routeOptions;
    const { gtRoute, gtAdminRoute } = place;
    const route = gtRoute ?? gtAdminRoute;
    if (route !== undefined) request.gt.trace = tracing.ofRequest(request.headers, request.method, url, route);
    // A guard may wait for the database, and the client leave meanwhile.
    const unlessLeft = (goOn: () => void) => (): void => {
      if (!request.gt.isOver) goOn();
    };
    if (gtRoute !== undefined) {
      const entering = (): void => {
        if (gtRoute !== socketRoute) captureAnswer(request, reply, bodies);
        judgeHeaders(request, reply, routeRow(gtRoute).body, () => enter(gates, request, reply, done));
      };
      tenantGuard.check(gtRoute, request, reply, unlessLeft(entering));
    } else if (gtAdminRoute !== undefined) {
      const judging = (): void => judgeHeaders(request, reply, adminRouteRow(gtAdminRoute).body, done);
      adminGuard.check(gtAdminRoute, request, reply, unlessLeft(judging));
    } else done();
  });

  const once = (request: FastifyRequest, reply: FastifyReply, goOn: () => void): void => {
    if (request.headers['idempotency-key'] === undefined) goOn();
    else idempotent.begin(request, reply, goOn);
  };
  fastify.addHook('preHandler', (request, reply, done) => {
    if (upgradeHead(request.raw) !== undefined && request.routeOptions.config.gtRoute !== socketRoute && !request.is404)
      return replyError(request, reply, noSocketHere());
    if (request.gt.bodies !== undefined) captureRequest(request);
    const { trace } = request.gt;
    const goOn = trace?.isRecorded === true ? (): void => inTrace(trace, done) : done;
    const { approved } = request.gt;
    if (approved !== undefined) {
      const handle = (): void => beforeHandler(approved, request, reply, goOn);
      return idempotent.beginAs(approved.idempotencyId, request, reply, handle);
    }
    if (approvals.concerns(request)) approvals.pass(request, reply, budget, () => once(request, reply, goOn));
    else once(request, reply, goOn);
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (request.method === 'HEAD' && payload instanceof Readable) {
      // What a content is made of need not be read to say how long it is.
      payload.destroy();
      setReplyHeaders(request, reply);
      done(null, null);
      return;
    }
    if (request.gt.idempotency !== undefined) {
      void idempotent.conclude(request.gt.idempotency, request, reply, payload).then(() => {
        setReplyHeaders(request, reply);
        done(null, payload);
      });
      return;
    }
    setReplyHeaders(request, reply);
    done(null, payload);
  });

  app.get(RelayDoor).register(fastify, budget);
  app.get(SocketDoor).register(fastify, { guard: tenantGuard, log: app.get(AccessLog), budget, tracing, approvals });
}

/**
 * The first gate, of every request of the data plane whose headers were judged; nothing of its body has been read. It may wait
 * for other processes' word, and the client leave meanwhile.
 */
function enter(gates: Gates, request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { gt } = request;
  const { callLimits } = identityOf(request);
  const step = gt.trace?.step(steps.enter);
  const entered = (entry: Entry): void => {
    step?.end();
    gt.entry = entry;
    if (gt.isOver) entry.leave();
    else done();
  };
  const refused = (error: AppError): void => {
    step?.end(error.code);
    if (!gt.isOver) replyError(request, reply, error);
  };
  // An approved call has paid for its request when it was held.
  if (gt.approved !== undefined)
    return void gates.enterPaid(callLimits).then(entered, (error: unknown) => refused(toAppError(error)));
  if (callLimits.length > 0) gt.rateHeaders = () => gates.headersOf(gt.entry?.limits ?? callLimits);
  gates.enter(callLimits, entered, refused);
}

/** Behind this an approved call is never made again. Relayed calls say so themselves, just before they go out. */
function beforeHandler(approved: ApprovedCall, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  if (relayed.has(request.routeOptions.config.gtRoute)) return next();
  approved.sending(request.gt.requestId).then(next, (error: unknown) => replyError(request, reply, toAppError(error)));
}

function noSocketHere(): AppError {
  return new AppError('invalid_request', { message: 'This route is no WebSocket. GET /responses of the data plane is one.' });
}
