import type { ServerResponse } from 'node:http';
import { listen, type Listening } from './listening.js';

export interface RecordedMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly [member: string]: unknown;
}

export interface RecordedBody {
  readonly messages: readonly RecordedMessage[];
  readonly stream?: boolean;
  readonly [member: string]: unknown;
}

/** Answers one request; by default with `defaultAnswer`. */
export type Answer = (body: RecordedBody, response: ServerResponse) => void;

export interface RecordingProvider extends Listening {
  /** Bodies of the requests that came, the oldest first. */
  readonly bodies: readonly RecordedBody[];
  /** The same as they were written. */
  readonly texts: readonly string[];
  /** Decides the answers from now on. */
  answerWith(answer: Answer): void;
}

/** A provider that remembers what it was asked, to see what a model is shown. */
export async function startRecordingProvider(): Promise<RecordingProvider> {
  const bodies: RecordedBody[] = [];
  const texts: string[] = [];
  let answer: Answer = defaultAnswer;
  const listening = await listen((text, _request, response) => {
    const body = JSON.parse(text) as RecordedBody;
    texts.push(text);
    bodies.push(body);
    answer(body, response);
  });
  return {
    ...listening,
    bodies,
    texts,
    answerWith: (next) => {
      answer = next;
    },
  };
}

/** "Answer to <the last message>", in whichever way was asked for. */
export const defaultAnswer: Answer = (body, response) => {
  const last = body.messages.at(-1)?.content;
  reply(response, body, { content: `Answer to ${typeof last === 'string' ? last : JSON.stringify(last)}` });
};

/** Sends a whole answer with this message, as JSON or as a stream. */
export function reply(response: ServerResponse, body: RecordedBody, message: object, finishReason = 'stop'): void {
  const head = { id: 'chatcmpl-1', created: 1, model: 'provider-model' };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  if (body.stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason, logprobs: null }];
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
    return;
  }
  const chunk = (choices: object[], further: object = {}): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...further })}\n\n`;
  response.setHeader('content-type', 'text/event-stream');
  response.write(chunk([{ index: 0, delta: { role: 'assistant', ...message }, finish_reason: null }]));
  response.write(chunk([{ index: 0, delta: {}, finish_reason: finishReason }]));
  response.write(chunk([], { usage }));
  response.end('data: [DONE]\n\n');
}
