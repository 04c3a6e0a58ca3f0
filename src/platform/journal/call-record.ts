import { tokenSources, usageStates } from '../../contracts/usage.js';
import { amount, fitColumns, maxTimeMs, parseArray, quoted, whole, type RecordColumn } from './record-columns.js';

/** A call as it is known when it is about to be sent to a provider. */
export interface CallStart {
  /** `use_…`, the id of the usage record that the call will end in. */
  readonly id: string;
  readonly tenantId: string;
  readonly keyId: string;
  /** `req_…` of the request that the call serves. */
  readonly requestId: string;
  /** Id of the route's row in the catalogue. */
  readonly route: string;
  /** The published name that was called. */
  readonly endpoint: string;
  readonly connectionId: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly stream: boolean;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** What a call took beside tokens; what is absent was not taken, or nobody knows. */
export interface CallMeasures {
  /** Length of the sound that was read, in seconds. */
  readonly audioSeconds?: number | undefined;
  /** Characters of the text that was spoken. */
  readonly characters?: number | undefined;
  /** How many images were made, and in which size, e.g. `1024x1024`. */
  readonly images?: number | undefined;
  readonly imageSize?: string | undefined;
}

/** What a call cost and what its tenant is charged for it, in whole micro-units of the currency. */
export interface CallPrice {
  readonly cost: number;
  readonly charge: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** How a call ended and what it took. Token counts are as `source` says: the provider's, counted here, or zeros. Cached and written ones are input. */
export interface CallEnd extends CallMeasures {
  /** The HTTP status that the client was given. */
  readonly status: number;
  readonly state: 'completed' | 'client_closed' | 'upstream_failed' | 'interrupted';
  readonly source: 'upstream' | 'counted' | 'none';
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Tokens of input that were written to the provider's cache. Absent: none. */
  readonly cacheWriteTokens?: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly latencyMs: number;
  /** Time to the first token of a stream; null when there was none. */
  readonly firstTokenMs: number | null;
  /** The provider's own HTTP status; null or absent when it gave none. */
  readonly upstreamStatus?: number | null;
  /** It was made in a batch of the provider, where prices differ. Absent: it was not. */
  readonly providerBatch?: boolean;
  /** Absent: no price says what it cost. That is not the same as nothing. */
  readonly price?: CallPrice | undefined;
}

/** One call as text: a JSON array of `recordColumns`. It stands in the journal and goes to Postgres as it is. */
export type CallRecord = string;

/** The kind of record that a call ends in. */
export const usageKind = 'usage';

/**
 * Slice, budget, begin and end of its period, amount and currency of each claim: see modules/spending/claims.ts. At most 40 budgets
 * count one call: four windows, in tokens and in the currency of its price, of its tenant, its endpoint, its key and two linked ones.
 */
const claimsForm = /^(?:\w{0,64}:\w{1,64}:\d{1,15}:\d{0,15}:\d{1,16}:(?:[A-Z]{3})?(?:\/(?!$)|$)){1,64}$/;

/**
 * The columns of a record in their order, by the names of the usage table's where it has them. The first ten are known at the start. New ones
 * come at the end: records of older builds lack them.
 */
export const recordColumns = [
  { name: 'id', type: 'text' },
  { name: 'tenant_id', type: 'text' },
  { name: 'key_id', type: 'text' },
  { name: 'request_id', type: 'text' },
  { name: 'route', type: 'text' },
  { name: 'endpoint', type: 'text' },
  { name: 'connection_id', type: 'text' },
  { name: 'model', type: 'text' },
  { name: 'stream', type: 'boolean' },
  { name: 'created_at', type: 'milliseconds' },
  { name: 'status', type: 'integer' },
  { name: 'state', type: 'text', values: usageStates },
  { name: 'source', type: 'text', values: tokenSources },
  { name: 'input_tokens', type: 'integer' },
  { name: 'cached_input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'reasoning_tokens', type: 'integer' },
  { name: 'total_tokens', type: 'integer' },
  { name: 'latency_ms', type: 'integer' },
  { name: 'first_token_ms', type: 'integer or null' },
  { name: 'upstream_status', type: 'integer or null' },
  { name: 'audio_ms', type: 'integer or null' },
  { name: 'input_characters', type: 'integer or null' },
  { name: 'images', type: 'integer or null' },
  { name: 'image_size', type: 'text or null' },
  { name: 'provider_batch', type: 'boolean or null' },
  { name: 'cost', type: 'amount or null' },
  { name: 'charge', type: 'amount or null' },
  { name: 'currency', type: 'text or null' },
  { name: 'claims', type: 'text or null', form: claimsForm },
  { name: 'cache_write_tokens', type: 'integer or null' },
] as const satisfies readonly RecordColumn[];

/** Those of the usage table: what budgets hold goes to the ledger. */
export const storedColumns = recordColumns.filter(({ name }) => name !== 'claims');

const startColumns = recordColumns.slice(0, 10);
/** The columns of an end line, which is read by builds that take no line with more. What came later stands in the next line. */
const endColumns = 20;
/** The version of a call's lines: 1 had no line with further columns, 2 one column there, 3 five, 4 six, 5 nine, 6 ten. */
const version = 7;
/** How many further columns come before the claims. */
const beforeClaims = recordColumns.findIndex(({ name }) => name === 'claims') - endColumns;
/** A longer text is no size of an image. */
const longestSize = 32;

/**
 * What is recorded of a call whose process died: nobody knows what the provider did, so it counts nothing. The status
 * is 500, for the client saw its connection break without an answer from us.
 */
const interruptedEnd = ',500,"interrupted","none",0,0,0,0,0,0,null]';

/** A call that is about to be sent as text: a JSON array of the first ten columns. */
export function beginText(call: CallStart): string {
  const { id, tenantId, keyId, requestId, route, endpoint, connectionId, model, stream, startedAtMs } = call;
  const createdAt = Math.trunc(Math.min(Math.max(startedAtMs, 0), maxTimeMs)) || 0;
  return (
    `[${quoted(id)},${quoted(tenantId)},${quoted(keyId)},${quoted(requestId)},${quoted(route)},${quoted(endpoint)},` +
    `${quoted(connectionId)},${quoted(model)},${stream},${createdAt}]`
  );
}

/** The journal's line for a call that is about to be sent, with its line break. What budgets hold for it comes last. */
export function beginLine(begin: string, claims?: string): string {
  return claims === undefined ? `B${begin}\n` : `B${begin.slice(0, -1)},"${claims}"]\n`;
}

/**
 * The journal's line for a call that ended, with its line break. It repeats the start, so that it can be read without the
 * begin; a second line has the columns that older builds do not know.
 */
export function endLine(begin: string, end: CallEnd, claims?: string): string {
  const further = furtherText(end, claims);
  return further === '' ? `E${endText(begin, end)}\n` : `E${endText(begin, end)}\n+${further}\n`;
}

/** The record of a call that was begun and never ended, from the text of its begin line and what that line says beyond. */
export function interruptedRecord(begin: string, claims?: string): CallRecord {
  const ended = begin.slice(0, -1) + interruptedEnd;
  return claims === undefined ? ended : `${ended.slice(0, -1)},${'null,'.repeat(beforeClaims)}"${claims}"]`;
}

/** The text of an array with the columns of a further line `[version, …]` at its end. Nothing is looked at. */
export function joined(text: string, further: string): string {
  const comma = further.indexOf(',');
  return comma === -1 ? text : `${text.slice(0, -1)},${further.slice(comma + 1)}`;
}

/** A begin as it was read. `text` has the columns that the end repeats. */
export interface ReadBegin {
  readonly id: string;
  readonly text: string;
  readonly claims?: string;
}

/** What a begin's line says, as far as this build knows; undefined when it is none. */
export function readBegin(text: string): ReadBegin | undefined {
  const values = parseArray(text);
  if (values === undefined || !fitColumns(values, startColumns, startColumns.length)) return undefined;
  const own = values.length === startColumns.length ? text : JSON.stringify(values.slice(0, startColumns.length));
  const claims = values[startColumns.length];
  return { id: String(values[0]), text: own, ...(typeof claims === 'string' && claimsForm.test(claims) ? { claims } : {}) };
}

/** Whether these are the columns of a call that ended. */
export function isCall(values: readonly unknown[]): boolean {
  return fitColumns(values, recordColumns, endColumns);
}

function endText(begin: string, end: CallEnd): string {
  return (
    `${begin.slice(0, -1)},${whole(end.status)},"${end.state}","${end.source}",` +
    `${whole(end.inputTokens)},${whole(end.cachedInputTokens)},${whole(end.outputTokens)},${whole(end.reasoningTokens)},` +
    `${whole(end.totalTokens)},${whole(end.latencyMs)},${end.firstTokenMs === null ? 'null' : whole(end.firstTokenMs)}]`
  );
}

/** Empty when the further columns would all be null; those at the end are left out where they are. */
function furtherText(end: CallEnd, claims: string | undefined): string {
  const { upstreamStatus = null } = end;
  const budgets = claimsText(claims, whole(end.cacheWriteTokens ?? 0));
  const price = priceText(end.price, budgets !== '') + budgets;
  const batch = end.providerBatch === true ? ',true' : price === '' ? '' : ',null';
  const media = mediaText(end, batch !== '');
  if (upstreamStatus === null && media === '') return '';
  return `[${version},${upstreamStatus === null ? 'null' : whole(upstreamStatus)}${media}${batch}${price}]`;
}

function priceText(price: CallPrice | undefined, isWanted: boolean): string {
  if (price === undefined) return isWanted ? ',null,null,null' : '';
  return `,${amount(price.cost)},${amount(price.charge)},${quoted(price.currency)}`;
}

function claimsText(claims: string | undefined, written: number): string {
  if (written === 0) return claims === undefined ? '' : `,"${claims}"`;
  return claims === undefined ? `,null,${written}` : `,"${claims}",${written}`;
}

function mediaText({ audioSeconds, characters, images, imageSize }: CallMeasures, isWanted: boolean): string {
  const hasNone = audioSeconds === undefined && characters === undefined && images === undefined && imageSize === undefined;
  if (hasNone && !isWanted) return '';
  const size = imageSize === undefined || imageSize.length > longestSize ? 'null' : quoted(imageSize);
  const audioMs = audioSeconds === undefined ? undefined : Math.round(audioSeconds * 1000);
  return `,${wholeOrNull(audioMs)},${wholeOrNull(characters)},${wholeOrNull(images)},${size}`;
}

function wholeOrNull(value: number | undefined): number | 'null' {
  return value === undefined ? 'null' : whole(value);
}
