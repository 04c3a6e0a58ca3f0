import type { ServerResponse } from 'node:http';
import { eventsOf, message, providerResponse, sendEvents } from './responses-provider.js';
import type { RecordedBody } from './recording-provider.js';

/** A PNG, as far as its first bytes tell. */
export const azurePng = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(64, 7)]);

const safe = { filtered: false, severity: 'safe' };
/** What Azure's filter says of a text, of which one of its parts failed. */
export const filterResults = { hate: safe, violence: safe, error: { code: 'content_filter_error', message: 'not filtered' } };
const promptResults = [{ prompt_index: 0, content_filter_results: filterResults }];
const head = { id: 'chatcmpl-azure', created: 1_700_000_000, model: 'gpt-4.1-2025-04-14' };
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** "Hello." as Azure says it, with what its filter says of prompt and answer. */
export function azureChat(body: RecordedBody, response: ServerResponse): void {
  if (body.stream === true) return streamChat(body, response);
  const said = { role: 'assistant', content: 'Hello.', refusal: null };
  const choice = { index: 0, message: said, finish_reason: 'stop', logprobs: null, content_filter_results: filterResults };
  json(response, { ...head, object: 'chat.completion', prompt_filter_results: promptResults, choices: [choice], usage });
}

/** The first event has no choice and no name; where the filter works behind the stream, so has its word after the end. */
function streamChat({ stream_options: options }: RecordedBody, response: ServerResponse): void {
  const nameless = { id: '', object: '', created: 0, model: '' };
  const chunk = (choice: object) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, logprobs: null, finish_reason: null, content_filter_results: {}, ...choice }],
    usage: null,
  });
  const offsets = { check_offset: 44, start_offset: 44, end_offset: 50 };
  const late = { index: 0, finish_reason: null, content_filter_results: filterResults, content_filter_offsets: offsets };
  const wantsUsage = (options as { include_usage?: boolean } | undefined)?.include_usage === true;
  const events = [
    { ...nameless, choices: [], prompt_filter_results: promptResults },
    chunk({ delta: { role: 'assistant', content: '' } }),
    chunk({ delta: { content: 'Hel' }, content_filter_results: filterResults }),
    chunk({ delta: { content: 'lo.' }, content_filter_results: filterResults }),
    chunk({ delta: {}, finish_reason: 'stop' }),
    { ...nameless, choices: [late] },
    ...(wantsUsage ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage }] : []),
  ];
  response.setHeader('content-type', 'text/event-stream');
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.end('data: [DONE]\n\n');
}

export function azureResponse(body: RecordedBody, response: ServerResponse): void {
  const further = { content_filters: [{ blocked: false, source_type: 'prompt', content_filter_results: filterResults }] };
  if (body.stream === true) sendEvents(response, eventsOf([message('Hello.')], further));
  else json(response, providerResponse([message('Hello.')], further));
}

export function azureVectors({ input }: Readonly<Record<string, unknown>>, response: ServerResponse): void {
  const texts = Array.isArray(input) ? input : [input];
  const data = texts.map((_text, index) => ({ object: 'embedding', index, embedding: [index, 0.5] }));
  json(response, { object: 'list', data, model: 'text-embedding-3-small', usage: { prompt_tokens: 2, total_tokens: 2 } });
}

/** OpenAI's newer models give data, and refuse to be asked for it. */
export function azureImage(asksForm: boolean, response: ServerResponse): void {
  if (asksForm) return refuse(response, 400, 'unknown_parameter', "Unknown parameter: 'response_format'.", 'response_format');
  const made = { b64_json: azurePng.toString('base64'), content_filter_results: filterResults };
  json(response, { created: 1, data: [made] });
}

/** What Azure answers to a prompt that its filter takes for harmful. */
export function refuseContent(response: ServerResponse): void {
  const innererror = {
    code: 'ResponsibleAIPolicyViolation',
    content_filter_result: { violence: { filtered: true, severity: 'high' } },
  };
  const said =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. " +
    'To learn more please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766';
  const error = { message: said, type: null, param: 'prompt', code: 'content_filter', status: 400, innererror };
  json(response, { error }, 400);
}

/** Refuses in Azure's form. */
export function refuse(response: ServerResponse, status: number, code: string, said: string, param?: string): void {
  json(response, { error: { code, message: said, ...(param === undefined ? {} : { param }) } }, status);
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
