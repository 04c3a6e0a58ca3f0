/** Where in a trace something stands, as W3C Trace Context tells it. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that comes before. */
  readonly spanId: string;
  /** Who comes before says that it records the trace. */
  readonly isSampled: boolean;
  /** What tracing systems have written beside it (`tracestate`), well-formed. */
  readonly state: string | undefined;
}

const parentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const none = /^0+$/;

const longestState = 512;
const mostMembers = 32;
const keyForm = /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})$/;
const valueForm = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * What the headers of a request tell, or another thing with such members; undefined where `traceparent` is absent or malformed: then a trace begins here. A malformed
 * `tracestate` is left out. Versions to come are read as far as this one goes.
 */
export function readTraceContext({ traceparent, tracestate }: Readonly<Record<string, unknown>>): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > 256) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = parentForm.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (none.test(traceId) || none.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1, state: readState(tracestate) };
}

/** The context in the form of the header `traceparent`. */
export function traceparentOf({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The context as headers: names and values in turn. */
export function traceHeadersOf(context: TraceContext): readonly string[] {
  const parent = ['traceparent', traceparentOf(context)];
  return context.state === undefined ? parent : [...parent, 'tracestate', context.state];
}

function readState(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > longestState) return undefined;
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > mostMembers) return undefined;
  const keys = new Set<string>();
  for (const member of members) {
    const at = member.indexOf('=');
    const key = member.slice(0, Math.max(at, 0));
    if (!keyForm.test(key) || !valueForm.test(member.slice(at + 1)) || keys.has(key)) return undefined;
    keys.add(key);
  }
  return members.join(',');
}
