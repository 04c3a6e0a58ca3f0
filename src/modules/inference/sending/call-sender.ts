import { Injectable } from '@nestjs/common';
import { asAppError, type AppError } from '../../../kernel/app-error.js';
import { needsOfRoute } from '../../../catalog/needs.js';
import { newTimedId } from '../../../kernel/ids.js';
import { steps } from '../../../observability/tracing/attribute-names.js';
import type { CallStart } from '../../../platform/journal/call-record.js';
import { OpenStreams } from '../../open-streams/open-streams.js';
import { answeredAlready, answerSize, type CallSize } from '../../usage/gates/call-size.js';
import { Gates } from '../../usage/gates/gates.js';
import type { Ticket } from '../../usage/gates/ticket.js';
import { KeyTouches } from '../../usage/key-touches.js';
import { allowedCall } from '../call/allowed-call.js';
import { overrideNeeds } from '../call/endpoint-choice.js';
import type { CallPlan } from '../call/call-plan.js';
import type { InferenceRequest } from '../call/inference-request.js';
import { usualLength } from '../call/length-member.js';
import type { ReplySink } from '../call/reply-sink.js';
import type { Stage } from '../call/stage.js';
import { answerCounted } from '../counting/answer-counted.js';
import { ExchangeStarter } from '../exchange/exchange-starter.js';
import { inHabits } from '../habits/in-habits.js';
import { SpokenCalls } from '../spoken/spoken-calls.js';
import { FetchedFirst } from './fetched-first.js';
import { withLength } from './with-length.js';

/** Sends planned calls: each is said in its provider's words, passes the second gate, and is exchanged. */
@Injectable()
export class CallSender {
  constructor(
    private readonly spoken: SpokenCalls,
    private readonly openStreams: OpenStreams,
    private readonly gates: Gates,
    private readonly exchanges: ExchangeStarter,
    private readonly fetchedFirst: FetchedFirst,
    private readonly touches: KeyTouches,
  ) {}

  /**
   * Sends the call at once, unless something that its provider wants back must be looked up first.
   * @throws AppError for what the provider's wire cannot say. What goes wrong later goes to the sink.
   */
  send(planned: CallPlan, request: InferenceRequest, sink: ReplySink, stages: readonly Stage[] | undefined): void {
    const guarded = request.guarded?.answered(planned) ?? planned;
    const bounded = this.bounded(guarded, request);
    const plan =
      bounded instanceof Promise ? bounded.then((known) => this.spoken.say(known, request)) : this.spoken.say(bounded, request);
    if (plan instanceof Promise) void this.sendLater(plan, request, sink, stages);
    else this.reserve(plan, request, sink, stages);
  }

  /** Where a budget may refuse the call, its provider is told how long the answer may be: no more than is reserved. */
  private bounded(plan: CallPlan, request: InferenceRequest): CallPlan | Promise<CallPlan> {
    if (plan.outputTokens !== null || plan.isLengthSaid === true || plan.counted !== undefined || request.given !== undefined)
      return plan;
    if (!request.identity.hasBudgets) return plan;
    const { tenantId, id: keyId } = request.identity.key;
    const stopped = this.gates.isStopped({ tenantId, keyId, endpoint: plan.publishedName });
    const told = (isStopped: boolean): CallPlan => (isStopped ? withLength(plan, usualLength(plan)) : plan);
    return stopped instanceof Promise ? stopped.then(told) : told(stopped);
  }

  /** Meanwhile the key may have changed. */
  private async sendLater(
    saying: Promise<CallPlan>,
    request: InferenceRequest,
    sink: ReplySink,
    stages: readonly Stage[] | undefined,
  ): Promise<void> {
    try {
      const plan = await saying;
      const call = allowedCall(plan.kind, request);
      if (this.openStreams.changedSince(call)) await this.openStreams.currentIdentity(call);
      this.reserve(plan, request, sink, stages);
    } catch (error) {
      for (const stage of stages ?? []) stage.abandon();
      sink.fail(asAppError(error));
    }
  }

  /** The second gate; then the call is exchanged. */
  private reserve(said: CallPlan, request: InferenceRequest, sink: ReplySink, given: readonly Stage[] | undefined): void {
    const keeping = this.spoken.stage(said, request);
    const plan = inHabits(said);
    const stages = keeping === undefined ? given : [keeping, ...(given ?? [])];
    const { writeDown } = request;
    if (writeDown !== undefined) {
      for (const stage of stages ?? []) stage.abandon();
      const refused = (error: AppError): void => sink.fail(error);
      this.gates.judge(callStart(plan, request), sizeOf(plan, request), () => writeDown(plan), refused);
      return;
    }
    const { replyHeaders } = plan;
    if (replyHeaders !== undefined) for (const [name, value] of Object.entries(replyHeaders)) sink.setHeader(name, value);
    if (plan.counted !== undefined) {
      // It ends in no usage record, which would tell it.
      this.touches.rely(request.identity.key, needsOfRoute(plan.kind.routeId));
      for (const stage of stages ?? []) stage.abandon();
      answerCounted(plan, plan.counted, request, sink).catch((error: unknown) => sink.fail(asAppError(error)));
      return;
    }
    const marked = request.approved ?? request.background;
    // What must be fetched first says itself when it is sent.
    if (marked === undefined || plan.elsewhere !== undefined) this.exchange(plan, said, request, sink, stages);
    else {
      marked
        .sending()
        .then(() => this.exchange(plan, said, request, sink, stages))
        .catch((error: unknown) => {
          for (const stage of stages ?? []) stage.abandon();
          sink.fail(asAppError(error));
        });
    }
  }

  /** @param said the call before its connection's habits. */
  private exchange(
    plan: CallPlan,
    said: CallPlan,
    request: InferenceRequest,
    sink: ReplySink,
    stages: readonly Stage[] | undefined,
  ): void {
    const further = overrideNeeds(request.headers);
    if (further.length > 0) this.touches.rely(request.identity.key, further);
    const step = request.trace?.step(steps.reserve);
    const reserved = (ticket: Ticket): void => {
      step?.end();
      request.given?.booked();
      const admitted = { plan, request, ticket, sink, stages };
      if (plan.elsewhere === undefined || request.given !== undefined)
        this.exchanges.start(admitted, allowedCall(plan.kind, request));
      else void this.fetchedFirst.start(admitted, plan.elsewhere, (body) => inHabits({ ...said, body, elsewhere: undefined }));
    };
    this.gates.reserve(request.entry, callStart(plan, request), sizeOf(plan, request), reserved, (error) => {
      step?.end(error.code);
      for (const stage of stages ?? []) stage.abandon();
      sink.fail(error);
    });
  }
}

/** What a provider has answered already, in a batch of its own, is not limited any more. */
function sizeOf({ body, outputTokens, answers = 1, endpoint }: CallPlan, { given, identity }: InferenceRequest): CallSize {
  const { hasBudgets: isCounted } = identity;
  if (given !== undefined) return { ...answeredAlready, isCounted };
  return {
    bytes: Buffer.isBuffer(body) ? body.length : 0,
    ...answerSize(outputTokens, answers, usualLength({ endpoint })),
    limits: endpoint.callLimits,
    isCounted,
    isAnswered: false,
  };
}

function callStart(plan: CallPlan, request: InferenceRequest): CallStart {
  const { key } = request.identity;
  const startedAtMs = Date.now();
  return {
    id: newTimedId('usage', startedAtMs),
    tenantId: key.tenantId,
    keyId: key.id,
    requestId: request.requestId,
    route: plan.kind.routeId,
    endpoint: plan.publishedName,
    connectionId: plan.target.connection.id,
    model: plan.target.model,
    stream: plan.streamed !== undefined,
    startedAtMs,
    ...request.given?.booking,
  };
}
