import { timeOfId } from '../../kernel/ids.js';
import { amount, quoted, whole, type RecordColumn } from '../../platform/journal/record-columns.js';
import type { CallSums } from '../usage/gates/call-sums.js';

/** What is known of a call when it is over. */
export interface RequestFacts {
  readonly tenantId: string;
  readonly keyId: string;
  /** `req_…`, which tells when it came. */
  readonly requestId: string;
  readonly method: string;
  /** Id of the route's row in the catalogue. */
  readonly route: string;
  /** The published name that was called. */
  readonly endpoint: string | undefined;
  readonly status: number;
  readonly errorCode: string | undefined;
  /** The client left before the end of the reply. */
  readonly isAborted: boolean;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  readonly latencyMs: number;
  /** `performance.now()` when the first gate let it in; undefined when it did not. */
  readonly enteredAt: number | undefined;
  /** Of the calls to providers; undefined when none was made. */
  readonly sums: CallSums | undefined;
  readonly address: string;
  readonly agent: string | undefined;
}

/** The columns of a row in their order. New ones come at the end. */
export const requestColumns = [
  { name: 'created_at', type: 'milliseconds' },
  { name: 'tenant_id', type: 'text' },
  { name: 'id', type: 'text' },
  { name: 'key_id', type: 'text' },
  { name: 'method', type: 'text' },
  { name: 'route', type: 'text' },
  { name: 'endpoint', type: 'text or null' },
  { name: 'status', type: 'integer' },
  { name: 'error_code', type: 'text or null' },
  { name: 'aborted', type: 'boolean' },
  { name: 'latency_ms', type: 'integer' },
  { name: 'entered_ms', type: 'integer or null' },
  { name: 'sent_ms', type: 'integer or null' },
  { name: 'first_token_ms', type: 'integer or null' },
  { name: 'input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'total_tokens', type: 'integer' },
  { name: 'cost', type: 'amount or null' },
  { name: 'charge', type: 'amount or null' },
  { name: 'currency', type: 'text or null' },
  { name: 'client_address', type: 'text' },
  { name: 'client_agent', type: 'text or null' },
  { name: 'count', type: 'integer' },
  { name: 'calls', type: 'text' },
] as const satisfies readonly RecordColumn[];

/** What a client says of itself is cut there. */
const longestAgent = 200;
const noSums = ',null,null,0,0,0,null,null,null';

/**
 * A call as a JSON array of its columns. Text is put together by hand: whoever asks the platform waits for nothing of this, but its
 * process does it for every call.
 * @param count how many calls it stands for.
 */
export function requestRow(facts: RequestFacts, count = 1): string {
  const { sums, startedAt, enteredAt, errorCode } = facts;
  return (
    `[${arrivedAt(facts)},"${facts.tenantId}","${facts.requestId}","${facts.keyId}",` +
    `"${facts.method}","${facts.route}",${facts.endpoint === undefined ? 'null' : quoted(facts.endpoint)},` +
    `${facts.status},${errorCode === undefined ? 'null' : `"${errorCode}"`},${facts.isAborted},` +
    `${rounded(facts.latencyMs)},${enteredAt === undefined ? 'null' : rounded(enteredAt - startedAt)}` +
    `${sums === undefined ? noSums : sumsText(sums, startedAt)},${quoted(facts.address)},${agentText(facts.agent)},${count},` +
    `"${sums === undefined ? '' : sums.ids}"]`
  );
}

/** When a call came, in milliseconds since 1970, by its id. */
export function arrivedAt({ requestId }: RequestFacts): number {
  return timeOfId('request', requestId) ?? 0;
}

function sumsText({ sentAt, firstTokenMs, inputTokens, outputTokens, totalTokens, price }: CallSums, startedAt: number): string {
  const money =
    price === undefined ? 'null,null,null' : `${amount(price.cost)},${amount(price.charge)},${quoted(price.currency)}`;
  return (
    `,${rounded(sentAt - startedAt)},${firstTokenMs === null ? 'null' : rounded(firstTokenMs)},` +
    `${whole(inputTokens)},${whole(outputTokens)},${whole(totalTokens)},${money}`
  );
}

function rounded(ms: number): number {
  return whole(Math.round(ms));
}

/** Clients are few and say the same each time. */
const knownAgents = new Map<string, string>();

function agentText(agent: string | undefined): string {
  if (agent === undefined) return 'null';
  const known = knownAgents.get(agent);
  if (known !== undefined) return known;
  const text = quoted(agent.slice(0, longestAgent));
  if (knownAgents.size >= 1_000) knownAgents.clear();
  knownAgents.set(agent, text);
  return text;
}
