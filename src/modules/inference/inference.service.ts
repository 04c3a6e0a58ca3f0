import { Injectable } from '@nestjs/common';
import { asAppError } from '../../kernel/app-error.js';
import { EndpointDirectory } from '../agents/endpoint-directory.js';
import { endpointsOfTry } from '../agents/endpoints-of-try.js';
import type { TenantEndpoints } from '../agents/published-endpoint.js';
import type { ConversationName } from '../conversations/conversation-name.js';
import { OpenStreams } from '../open-streams/open-streams.js';
import { AcceptedCalls } from './background/accepted-calls.js';
import { allowedCall } from './call/allowed-call.js';
import type { CallDraft, CallPlan } from './call/call-plan.js';
import { ContentSeals } from './call/content-seals.js';
import type { Additions, Dialogue } from './call/dialogue.js';
import { isHandedOn, refuseFirst, refuseMoreThanSending } from './call/handed-on.js';
import type { InferenceKind } from './call/inference-kind.js';
import type { InferenceRequest } from './call/inference-request.js';
import type { ReplySink } from './call/reply-sink.js';
import type { KeepingStage, Stage } from './call/stage.js';
import { Guardrails } from './guardrails/guardrails.js';
import { continuedBy, namedByHeader } from './conversation/continued-conversation.js';
import { DialogueTurns } from './conversation/dialogue-turns.js';
import { mayBeTriedAgain, sinkOfTry } from './fallback/further-try.js';
import { GatheredReply } from './exchange/gathered-reply.js';
import { hasDatasets } from './retrieval/dialogue-passages.js';
import { CallSender } from './sending/call-sender.js';
import { StoredCalls } from './storing/stored-calls.js';

/**
 * Relays inference calls: reads what is asked, plans, reserves, calls the provider, answers into the sink. With warm
 * memory nothing here waits for a database: the call's journal line is the only write before it is sent. Only calls that
 * continue a conversation or answer from datasets wait for it, the end of answers that are stored, and what spoken/ keeps.
 */
@Injectable()
export class InferenceService {
  constructor(
    private readonly endpoints: EndpointDirectory,
    private readonly openStreams: OpenStreams,
    private readonly turns: DialogueTurns,
    private readonly seals: ContentSeals,
    private readonly guardrails: Guardrails,
    private readonly storing: StoredCalls,
    private readonly background: AcceptedCalls,
    private readonly sender: CallSender,
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
    let reply = sink;
    try {
      const named = namedByHeader(kind, request.headers);
      const draft = kind.draft(request, endpointsOfTry(endpoints, request.tryPlace ?? 0), this.seals);
      planned(draft.publishedName);
      if (draft.rest !== undefined) {
        draft
          .rest()
          .then(() => this.run(kind, request, sink, planned))
          .catch((error: unknown) => sink.fail(asAppError(error)));
        return;
      }
      if (this.guardrails.apply(request)) {
        this.judged(kind, request, draft, sink)
          .then((judged) => this.run(kind, judged, shownOf(judged, request, sink), planned))
          .catch((error: unknown) => sink.fail(asAppError(error)));
        return;
      }
      if (mayBeTriedAgain(draft, request) && request.bodyRoom !== undefined) {
        // Another try reads the body again: it must not be changed in its place.
        this.runWith(endpoints, kind, { ...request, bodyRoom: undefined }, sink, planned);
        return;
      }
      reply = sinkOfTry(draft, request, sink, (next) => this.run(kind, next, sink, planned));
      const conversation = continuedBy(named, draft, request);
      const ready = draft.ready?.();
      if (ready === undefined) this.runDraft(kind, conversation, draft, request, reply);
      else
        ready
          .then(() => this.runDraft(kind, conversation, draft, request, reply))
          .catch((error: unknown) => reply.fail(asAppError(error)));
    } catch (error) {
      reply.fail(asAppError(error));
    }
  }

  /** @throws AppError what is wrong with the request. */
  private runDraft(
    kind: InferenceKind,
    conversation: ConversationName | undefined,
    draft: CallDraft,
    request: InferenceRequest,
    sink: ReplySink,
  ): void {
    if (isHandedOn(request)) refuseMoreThanSending(draft, conversation !== undefined);
    const { background, dialogue } = draft;
    if (background !== undefined && dialogue !== undefined) {
      void this.background.accept({ conversation, draft, background, dialogue, request, sink });
      return;
    }
    const stored = this.storing.open(draft, request);
    if (dialogue === undefined || this.goesAtOnce(draft, conversation)) {
      this.sender.send(draft.plan(), request, sink, stored === undefined ? undefined : [stored]);
    } else void this.runTurn(kind, conversation, draft, dialogue, request, sink, stored);
  }

  /**
   * A turn of a conversation waits for those before it, an agent with datasets for its passages. Where something of the
   * tenant has changed meanwhile, the request is read anew, as things are by now.
   */
  private async runTurn(
    kind: InferenceKind,
    name: ConversationName | undefined,
    draft: CallDraft,
    dialogue: Dialogue,
    request: InferenceRequest,
    sink: ReplySink,
    stored: KeepingStage | undefined,
  ): Promise<void> {
    try {
      const turn = await this.turns.open(name, draft, dialogue, request, sink);
      let stages: readonly Stage[] = [];
      try {
        const preparing = draft.prepare?.(turn.additions);
        if (preparing !== undefined) await preparing;
        const additions = await this.withFirst(draft, turn.additions, request, sink);
        const { now, current } = await this.asOfNow(kind, draft, request, additions, sink);
        stages = turn.stages(current.dialogue ?? dialogue, current === draft ? stored : this.storing.open(current, now));
        this.sender.send(current.plan(additions), now, sink, stages);
      } catch (error) {
        for (const stage of stages) stage.abandon();
        await turn.abandon();
        throw error;
      }
    } catch (error) {
      sink.fail(asAppError(error));
    }
  }

  /**
   * The request as things are by now, and its draft, which is ready to be planned; both are the given ones while nothing of
   * the tenant has changed. What changes while a new draft is made ready is heard too.
   */
  private async asOfNow(
    kind: InferenceKind,
    draft: CallDraft,
    request: InferenceRequest,
    additions: Additions,
    sink: ReplySink,
  ): Promise<{ readonly now: InferenceRequest; readonly current: CallDraft }> {
    const call = allowedCall(kind, request);
    let asked: { readonly now: InferenceRequest; readonly current: CallDraft } = { now: request, current: draft };
    for (let since = request.startedAt; this.openStreams.changedSince({ ...call, startedAt: since });) {
      since = performance.now();
      const changed = { ...asked.now, identity: await this.openStreams.currentIdentity(call) };
      const now = this.guardrails.apply(changed) ? await this.judged(kind, changed, asked.current, sink) : changed;
      const endpoints = await this.endpoints.of(now.identity.tenant.id);
      const current = kind.draft(now, endpointsOfTry(endpoints, now.tryPlace ?? 0), this.seals);
      await current.rest?.();
      await current.ready?.();
      await current.prepare?.(additions);
      asked = { now, current };
    }
    return asked;
  }

  /** True for a call that waits for nothing before it is sent. */
  private goesAtOnce(draft: CallDraft, conversation: ConversationName | undefined): boolean {
    const waits = draft.ready !== undefined || draft.first !== undefined;
    return conversation === undefined && !waits && !hasDatasets(draft) && !this.turns.isKept(draft);
  }

  /** What a call is given, with what another call for it has brought, where one had to come first. */
  private async withFirst(
    draft: CallDraft,
    additions: Additions,
    request: InferenceRequest,
    sink: ReplySink,
  ): Promise<Additions> {
    const first = draft.first?.(additions);
    if (first === undefined) return additions;
    if (isHandedOn(request)) refuseFirst(first);
    await this.asked(first.plan, request, sink);
    return { ...additions, ...first.added() };
  }

  /**
   * The request as the guardrails of its key let it through. What they ask of a model is a call of its own: it is neither what a
   * worker must not repeat nor what is written down in its place.
   */
  private judged(kind: InferenceKind, request: InferenceRequest, draft: CallDraft, sink: ReplySink): Promise<InferenceRequest> {
    const { background: _background, form: _form, guarded: _guarded, writeDown: _writeDown, ...asking } = request;
    return this.guardrails.judged(request, { kind, draft, ask: (plan) => this.asked(plan, asking, sink) });
  }

  /** The whole answer of a call that is made for the request before its own. */
  private asked(plan: CallPlan, request: InferenceRequest, sink: ReplySink): Promise<Buffer> {
    const reply = new GatheredReply(sink);
    // The body is still read afterwards.
    this.sender.send(plan, { ...request, releaseBody: undefined }, reply, undefined);
    return reply.whole;
  }
}

/** The sink of a request that was judged. What a worker makes is kept, and shown to its client as it is kept. */
function shownOf({ guarded, background }: InferenceRequest, before: InferenceRequest, sink: ReplySink): ReplySink {
  if (guarded === undefined || background !== undefined || before.guarded !== undefined) return sink;
  return guarded.restoring(sink);
}
