import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import type { TenantEndpoints } from '../agents/published-endpoint.js';
import { Admission, type Ticket } from '../usage/admission.js';
import { planCall, type CallPlan, type InferenceRequest } from './call-plan.js';
import type { Exchange } from './exchange.js';
import { ExchangeTools } from './exchange-tools.js';
import type { InferenceKind } from './inference-kinds.js';
import { OpenStreams } from './open-streams.js';
import { PlainExchange } from './plain-exchange.js';
import type { ReplySink } from './reply-sink.js';
import { StreamExchange } from './stream-exchange.js';

/**
 * Relays inference calls: reads what is asked, plans, admits, calls the provider, answers into the sink. With warm
 * memory nothing here waits for a database: the call's journal line is the only write before it is sent.
 */
@Injectable()
export class InferenceService {
  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly admission: Admission,
    private readonly openStreams: OpenStreams,
    private readonly tools: ExchangeTools,
  ) {}

  /**
   * Runs one call; every outcome, errors too, goes to the sink. `planned` hears the published name before anything is
   * sent.
   */
  run(kind: InferenceKind, request: InferenceRequest, sink: ReplySink, planned: (endpoint: string) => void): void {
    const known = this.endpoints.peek(request.identity.tenant.id);
    if (known !== undefined) this.runWith(known, kind, request, sink, planned);
    else {
      this.endpoints.of(request.identity.tenant.id).then(
        (endpoints) => this.runWith(endpoints, kind, request, sink, planned),
        (error: unknown) => sink.fail(asAppError(error)),
      );
    }
  }

  private runWith(
    endpoints: TenantEndpoints,
    kind: InferenceKind,
    request: InferenceRequest,
    sink: ReplySink,
    planned: (endpoint: string) => void,
  ): void {
    try {
      const plan = planCall(kind, request, endpoints);
      planned(plan.publishedName);
      this.admission.admit(callStart(plan, request), (ticket) => this.start(plan, request, ticket, sink));
    } catch (error) {
      sink.fail(asAppError(error));
    }
  }

  private start(plan: CallPlan, request: InferenceRequest, ticket: Ticket, sink: ReplySink): void {
    const Kind = plan.stream ? StreamExchange : PlainExchange;
    const exchange: Exchange = new Kind(this.tools, plan, request, ticket, sink);
    if (plan.stream) {
      exchange.whenOver = this.openStreams.add({
        identity: request.identity,
        routeId: plan.kind.routeId,
        abort: (error) => exchange.abort(error),
      });
    }
    exchange.start();
  }
}

function callStart(plan: CallPlan, request: InferenceRequest) {
  const { key } = request.identity;
  return {
    id: newId('usage'),
    tenantId: key.tenantId,
    keyId: key.id,
    requestId: request.requestId,
    route: plan.kind.routeId,
    endpoint: plan.publishedName,
    connectionId: plan.target.connection.id,
    model: plan.target.model,
    stream: plan.stream,
    startedAtMs: Date.now(),
  };
}

function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal_error', { cause: error });
}
