import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { CallDraft, CallPlan } from '../../call/call-plan.js';
import { chooseEndpoint, type ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import { missing, readKnownBody, textMember } from '../../call/request-body.js';
import { findMember, textOf, type JsonBody } from '../../wire/json-body.js';
import { spliceBody, type Edit } from '../../wire/json-edit.js';
import type { ScannedMember } from '../../wire/json-scan.js';

/** What a kind adds to a request of its own, to make a call of it. */
export type SingleCall = Pick<CallPlan, 'path' | 'answer'> & Partial<CallPlan>;

/**
 * A JSON request that stands alone: no talk, no instructions and no parameters of an agent. It is read without parsing, and
 * on its way only single members change: the model, control fields that are dropped, and what its kind sets. A request that
 * names no model asks the tenant's default endpoint, as OpenAI's clients leave the model out here.
 */
export class SingleRequest {
  readonly body: JsonBody;
  readonly chosen: ChosenEndpoint;
  private readonly edits = new Map<string, Edit>();

  /**
   * @param needs members without which the request says nothing.
   * @throws AppError with the contract's code for what is wrong at the body's top level, or with the model it names.
   */
  constructor(
    private readonly kind: KindFacts,
    private readonly request: InferenceRequest,
    endpoints: TenantEndpoints,
    needs: readonly string[],
  ) {
    const { identity, headers } = request;
    this.body = readKnownBody(request.body);
    for (const name of needs) if (this.member(name) === undefined) throw missing(name);
    const named = textMember(this.body, 'model') ?? (endpoints.byDefault === undefined ? undefined : 'default');
    this.chosen = chooseEndpoint(identity.key, endpoints, headers, named, kind.modality);
    const { connection, encodedModel } = this.chosen.target;
    for (const { key } of this.body.scan.members)
      if (connection.droppedFields.has(key)) this.edits.set(key, { op: 'remove', key });
    this.edits.set('model', { op: 'set', key: 'model', value: encodedModel });
  }

  /** The agent behind the endpoint; null for a raw model. */
  get agent(): AgentSpec | null {
    return this.chosen.endpoint.agent;
  }

  /** The member of that name; undefined where it is absent or null. */
  member(name: string): ScannedMember | undefined {
    const member = findMember(this.body.scan, name);
    return member?.kind === 'null' ? undefined : member;
  }

  /** The member of that name where it is a text; whatever else it is, its provider judges. */
  textOf(name: string): string | undefined {
    return textOf(this.body, name);
  }

  /** Sets a member on the way to the provider, whatever the request says; undefined takes it out. */
  set(key: string, value: unknown): void {
    this.edits.set(
      key,
      value === undefined ? { op: 'remove', key } : { op: 'set', key, value: Buffer.from(JSON.stringify(value)) },
    );
  }

  /** Sets a member where the request says nothing and there is something to say. */
  setDefault(key: string, value: unknown): void {
    if (value !== undefined && this.member(key) === undefined) this.set(key, value);
  }

  /** The draft of the call. @param call what only its kind knows. */
  draft(call: SingleCall): CallDraft {
    const { kind, request, body, chosen } = this;
    const { endpoint, target, publishedName } = chosen;
    const facts = { endpoint, target, publishedName, kind };
    return {
      ...facts,
      dialogue: undefined,
      plan: () => ({
        ...facts,
        body: spliceBody(body.bytes, body.scan, [...this.edits.values()], request.bodyRoom),
        contentType: 'application/json',
        streamed: undefined,
        retryAfterMaxSeconds: endpoint.agent?.retry_after_max_seconds ?? 0,
        hidden: [],
        ...call,
      }),
    };
  }
}
