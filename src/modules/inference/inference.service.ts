import { Injectable } from '@nestjs/common';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import type { TenantEndpoints } from '../agents/published-endpoint.js';
import { Admission, type Ticket } from '../usage/admission.js';
import type { ConversationName } from '../conversations/conversation-name.js';
import { planCall, type CallPlan, type InferenceRequest } from './call-plan.js';
import { ChatTurns } from './conversation/chat-turns.js';
import type { Exchange } from './exchange.js';
import { ExchangeTools } from './exchange-tools.js';
import type { InferenceKind } from './inference-kinds.js';
import { OpenStreams, type AllowedCall } from './open-streams.js';
import { PlainExchange } from './plain-exchange.js';
import type { ReplySink } from './reply-sink.js';
import { hasDatasets } from './retrieval/chat-passages.js';
import { StreamExchange } from './stream-exchange.js';

/**
 * Relays inference calls: reads what is asked, plans, admits, calls the provider, answers into the sink. With warm
 * memory nothing here waits for a database: the call's journal line is the only write before it is sent. Only calls that
 * continue a conversation or answer from datasets wait for it.
 */
@Injectable()
export class InferenceService {
  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly admission: Admission,
    private readonly openStreams: OpenStreams,
    private readonly tools: ExchangeTools,
    private readonly turns: ChatTurns,
  ) {}

  /**
   * Runs one call; every outcome, errors too, goes to the sink. `planned` hears the published name before anything is
   * sent.
   */
  run(kind: InferenceKind, request: InferenceRequest, sink: ReplySink, planned: (endpoint: string) => void): void {
    const known = this.endpoints.peek(request.identity.tenant.id);
    if (known !== undefined && !this.openStreams.changedSince(allowedCall(kind, request))) {
      this.runWith(known, kind, request, sink, planned);
      return;
    }
    this.runAfterLookUp(kind, request, sink, planned).catch((error: unknown) => sink.fail(asAppError(error)));
  }

  /** When memory is cold, or something of the tenant has changed since the guard decided. */
  private async runAfterLookUp(
    kind: InferenceKind,
    request: InferenceRequest,
    sink: ReplySink,
    planned: (endpoint: string) => void,
  ): Promise<void> {
    const identity = await this.openStreams.currentIdentity(allowedCall(kind, request));
    const endpoints = await this.endpoints.of(identity.tenant.id);
    this.runWith(endpoints, kind, { ...request, identity }, sink, planned);
  }

  private runWith(
    endpoints: TenantEndpoints,
    kind: InferenceKind,
    request: InferenceRequest,
    sink: ReplySink,
    planned: (endpoint: string) => void,
  ): void {
    try {
      const named = this.turns.named(kind, request.headers);
      const plan = planCall(kind, request, endpoints);
      planned(plan.publishedName);
      const conversation = this.turns.continued(named, plan, request);
      if (conversation === undefined && !hasDatasets(plan)) this.admit(plan, request, sink);
      else void this.runTurn(conversation, plan, request, sink);
    } catch (error) {
      sink.fail(asAppError(error));
    }
  }

  /**
   * A turn of a conversation waits for those before it, an agent with datasets for its passages. Then the call is planned
   * anew, with its history and its passages, as things are by now.
   */
  private async runTurn(
    name: ConversationName | undefined,
    plan: CallPlan,
    request: InferenceRequest,
    sink: ReplySink,
  ): Promise<void> {
    let answering = sink;
    try {
      const turn = await this.turns.open(name, plan, request, sink);
      answering = turn.sink;
      const call = allowedCall(plan.kind, request);
      const identity = this.openStreams.changedSince(call) ? await this.openStreams.currentIdentity(call) : request.identity;
      // What was asked may be read until the turn is stored.
      const now = { ...turn.request, identity, releaseBody: undefined };
      this.admit(planCall(plan.kind, now, await this.endpoints.of(identity.tenant.id)), now, answering);
    } catch (error) {
      answering.fail(asAppError(error));
    }
  }

  private admit(plan: CallPlan, request: InferenceRequest, sink: ReplySink): void {
    this.admission.admit(callStart(plan, request), (ticket) => {
      try {
        this.start(plan, request, ticket, sink);
      } catch (error) {
        sink.fail(asAppError(error));
      }
    });
  }

  private start(plan: CallPlan, request: InferenceRequest, ticket: Ticket, sink: ReplySink): void {
    const Kind = plan.stream ? StreamExchange : PlainExchange;
    const exchange: Exchange = new Kind(this.tools, plan, request, ticket, sink);
    if (plan.stream) {
      exchange.whenOver = this.openStreams.add({
        ...allowedCall(plan.kind, request),
        use: { endpoint: plan.endpoint, modality: plan.kind.modality },
        abort: (error) => exchange.abort(error),
      });
    }
    exchange.start();
  }
}

function allowedCall({ routeId }: InferenceKind, { identity, ip, startedAt }: InferenceRequest): AllowedCall {
  return { identity, routeId, ip, startedAt };
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
