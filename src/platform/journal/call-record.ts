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

/** How a call ended and what it cost. Token counts are as `source` says: the provider's, counted here, or zeros. */
export interface CallEnd {
  /** The HTTP status that the client was given. */
  readonly status: number;
  readonly state: 'completed' | 'client_closed' | 'upstream_failed' | 'interrupted';
  readonly source: 'upstream' | 'counted' | 'none';
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
  readonly latencyMs: number;
  /** Time to the first token of a stream; null when there was none. */
  readonly firstTokenMs: number | null;
}

/** One call as text: a JSON array of `recordColumns`. It stands in the journal and goes to Postgres as it is. */
export type CallRecord = string;

/** The members of a record in their order, by the names of the usage table's columns. The first ten are known at the start. */
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
  { name: 'state', type: 'text' },
  { name: 'source', type: 'text' },
  { name: 'input_tokens', type: 'integer' },
  { name: 'cached_input_tokens', type: 'integer' },
  { name: 'output_tokens', type: 'integer' },
  { name: 'reasoning_tokens', type: 'integer' },
  { name: 'total_tokens', type: 'integer' },
  { name: 'latency_ms', type: 'integer' },
  { name: 'first_token_ms', type: 'integer or null' },
] as const;

type ColumnType = (typeof recordColumns)[number]['type'];

const startColumns = 10;
const maxInteger = 2_147_483_647;
const maxTimeMs = 8.64e15;

/**
 * What is recorded of a call whose process died: nobody knows what the provider did, so it counts nothing. The status
 * is 500, for the client saw its connection break without an answer from us.
 */
const interruptedEnd = ',500,"interrupted","none",0,0,0,0,0,0,null]';

/** One line of the journal: a call that was about to be sent, or one that ended. */
export interface JournalLine {
  readonly kind: 'begin' | 'end';
  readonly id: string;
  /** The JSON text of the line: of the first ten columns for a begin, of all for an end. */
  readonly text: string;
}

/** A call that is about to be sent as text: a JSON array of the first ten columns. */
export function beginText(call: CallStart): string {
  return jsonText([
    call.id,
    call.tenantId,
    call.keyId,
    call.requestId,
    call.route,
    call.endpoint,
    call.connectionId,
    call.model,
    call.stream,
    Math.trunc(Math.min(Math.max(call.startedAtMs, 0), maxTimeMs)) || 0,
  ]);
}

/** The journal's line for a call that is about to be sent, with its line break. */
export function beginLine(begin: string): string {
  return `B${begin}\n`;
}

/** The complete record of a call that ended, from its begin's text. Figures that a column cannot hold are cut to what it can. */
export function endedRecord(begin: string, end: CallEnd): CallRecord {
  return (
    `${begin.slice(0, -1)},${whole(end.status)},"${end.state}","${end.source}",` +
    `${whole(end.inputTokens)},${whole(end.cachedInputTokens)},${whole(end.outputTokens)},${whole(end.reasoningTokens)},` +
    `${whole(end.totalTokens)},${whole(end.latencyMs)},${end.firstTokenMs === null ? 'null' : whole(end.firstTokenMs)}]`
  );
}

/** The journal's line for a call that ended. It repeats the start, so that it can be read without the begin. */
export function endLine(record: CallRecord): string {
  return `E${record}\n`;
}

/** The record of a call that was begun and never ended, from the text of its begin line. */
export function interruptedRecord(begin: string): CallRecord {
  return begin.slice(0, -1) + interruptedEnd;
}

/** Reads a line without its line break; undefined when it is not, or no longer, a line of the journal. */
export function parseLine(line: string): JournalLine | undefined {
  const kind = line.startsWith('B') ? 'begin' : line.startsWith('E') ? 'end' : undefined;
  if (kind === undefined) return undefined;
  const text = line.slice(1);
  const values = parseArray(text);
  const columns = kind === 'begin' ? recordColumns.slice(0, startColumns) : recordColumns;
  if (values?.length !== columns.length) return undefined;
  if (!columns.every((column, place) => fits(values[place], column.type))) return undefined;
  return { kind, id: String(values[0]), text };
}

/** The text with everything replaced that Postgres cannot store: NUL and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

type Value = string | number | boolean | null;

/** JSON never holds a raw line break, so a line's end is beyond doubt. Only what is odd is escaped with \u. */
function jsonText(values: readonly Value[]): string {
  const text = JSON.stringify(values);
  if (!text.includes('\\u')) return text;
  return JSON.stringify(values.map((value) => (typeof value === 'string' ? storable(value) : value)));
}

function whole(value: number): number {
  if ((value | 0) === value && value >= 0) return value;
  return Math.trunc(Math.min(Math.max(value, 0), maxInteger)) || 0;
}

function parseArray(text: string): unknown[] | undefined {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
}

function fits(value: unknown, type: ColumnType): boolean {
  if (type === 'text') return typeof value === 'string' && storable(value) === value;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'integer or null' && value === null) return true;
  const most = type === 'milliseconds' ? maxTimeMs : maxInteger;
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;
}
