import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { ResponseStatus } from '../../../responses/response-record.js';
import { printExact } from '../../wire/exact-json.js';
import { readUsage, type UsageTokens } from '../../wire/usage-tokens.js';
import { withoutToolSecrets } from '../../../conversations/tool-secrets.js';
import { withoutNamingTools } from '../tools/named-objects.js';
import type { OwnTool } from './response-frame.js';
import type { ResponseSaid } from './response-said.js';

const ends: ReadonlySet<unknown> = new Set(['completed', 'incomplete']);

/** A provider's response object as the client gets it. */
export interface OwnResponse {
  readonly object: Fields;
  readonly status: unknown;
  readonly tokens: UsageTokens | null;
}

/**
 * The provider's response object under the platform's ids and the published name. What it echoes of the request is what the
 * client sent: the agent's part of it is not shown. Members that clients cannot do without are always there.
 */
export function ownResponse(given: Fields, said: ResponseSaid): OwnResponse {
  const { frame, ids } = said;
  const isEnd = ends.has(given['status']);
  const output = Array.isArray(given['output']) ? (given['output'] as unknown[]).filter(isFields) : [];
  const leading = isEnd ? said.lead() : [];
  const items = output.map((item, at) => {
    const place = said.leading.length + at;
    return isEnd ? said.keep(place, said.own(place, item)) : said.shown(said.own(place, item));
  });
  // Some providers leave the output of the last event empty.
  const kept = (): Fields[] => said.items.map(({ json }) => said.shown(JSON.parse(json) as Fields));
  const shown = isEnd && items.length === 0 ? kept() : [...leading, ...items];
  const object: Fields = {
    ...defaults,
    ...withOwnTool(withoutNamingTools(withoutToolSecrets(given)), frame.ownTool),
    id: ids.response,
    object: 'response',
    model: frame.model,
    instructions: frame.instructions,
    previous_response_id: frame.previousResponseId,
    conversation: frame.conversationId === null ? null : { id: frame.conversationId },
    store: frame.store,
    background: frame.queued !== undefined,
    ...(frame.queued === undefined ? {} : { created_at: frame.queued.createdAt }),
    truncation: frame.truncates === true ? 'auto' : 'disabled',
    output: shown,
  };
  return { object, status: given['status'], tokens: readUsage(plainUsage(given['usage'])) };
}

/** What a response shows of its tools, with the one that its provider was not told of. */
function withOwnTool(given: Fields, own: OwnTool | undefined): Fields {
  if (own === undefined) return given;
  const tools = Array.isArray(given['tools']) ? (given['tools'] as unknown[]) : [];
  return { ...given, tools: tools.toSpliced(own.at, 0, own.tool), tool_choice: own.choice ?? 'auto' };
}

/** Notes the end of a response. @returns the object as JSON text. */
export function endResponse({ object, status }: OwnResponse, said: ResponseSaid): string {
  const text = printExact(object);
  said.finish(status as ResponseStatus, text);
  return text;
}

function plainUsage(usage: unknown): unknown {
  return isFields(usage) ? (JSON.parse(printExact(usage)) as unknown) : undefined;
}

/** Members that every response has. */
const defaults: Fields = {
  created_at: 0,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  output: [],
  parallel_tool_calls: true,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  usage: null,
};
