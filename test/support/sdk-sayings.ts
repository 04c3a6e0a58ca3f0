import type { ServerResponse } from 'node:http';
import { awsEvent } from './aws-event-stream.js';

/** What a model says: a thought, then words, then calls of tools. */
export interface Saying {
  readonly thought?: string;
  readonly words?: readonly string[];
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly input: object }[];
}

/** How a provider says an answer. */
export interface SayingWire {
  /** The answer in one piece. */
  whole(saying: Saying): object;
  readonly streamType: string;
  /** The answer in events, the last of them those that tell its end. */
  events(saying: Saying): { readonly said: readonly (string | Buffer)[]; readonly end: readonly (string | Buffer)[] };
  /** A refusal, as the provider words it. */
  refusal(message: string): object;
}

const sse = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
const hasCalls = ({ calls = [] }: Saying): boolean => calls.length > 0;

const mistral: SayingWire = {
  streamType: 'text/event-stream',
  whole: (saying) => ({
    id: 'a',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: mistralContent(saying), tool_calls: mistralCalls(saying) },
        finish_reason: hasCalls(saying) ? 'tool_calls' : 'stop',
      },
    ],
    usage: mistralUsage,
  }),
  events: (saying) => {
    const chunk = (delta: object, finish: string | null = null, further: object = {}): string =>
      sse({ id: 'a', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...further });
    const { thought, words = [] } = saying;
    const calls = mistralCalls(saying);
    return {
      said: [
        chunk({ role: 'assistant', content: '' }),
        ...(thought === undefined ? [] : [chunk({ content: [mistralThought(thought)] })]),
        ...words.map((content) => chunk({ content })),
        ...(calls === undefined ? [] : [chunk({ content: '', tool_calls: calls })]),
      ],
      end: [chunk({ content: '' }, hasCalls(saying) ? 'tool_calls' : 'stop', { usage: mistralUsage }), 'data: [DONE]\n\n'],
    };
  },
  refusal: (message) => ({ object: 'error', message, type: 'invalid_request_error', param: null, code: '1500' }),
};

const mistralUsage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const mistralThought = (text: string): object => ({ type: 'thinking', thinking: [{ type: 'text', text }] });

function mistralContent({ thought, words = [] }: Saying): unknown {
  const text = words.join('');
  return thought === undefined ? text : [mistralThought(thought), { type: 'text', text }];
}

function mistralCalls({ calls }: Saying): object[] | undefined {
  return calls?.map(({ id, name, input }, index) => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
}

const cohere: SayingWire = {
  streamType: 'text/event-stream',
  whole: (saying) => {
    const { thought, words = [], calls } = saying;
    const content = [
      ...(thought === undefined ? [] : [{ type: 'thinking', thinking: thought }]),
      ...(words.length === 0 ? [] : [{ type: 'text', text: words.join('') }]),
    ];
    const tool_calls = calls?.map(({ id, name, input }) => cohereCall(id, name, JSON.stringify(input)));
    return {
      id: 'a',
      finish_reason: hasCalls(saying) ? 'TOOL_CALL' : 'COMPLETE',
      message: { role: 'assistant', content, ...(tool_calls === undefined ? {} : { tool_calls }) },
      usage: cohereUsage,
    };
  },
  events: (saying) => {
    const { thought, words = [], calls = [] } = saying;
    const block = (index: number, type: string, pieces: readonly string[]): object[] => [
      { type: 'content-start', index, delta: { message: { content: { type, [type]: '' } } } },
      ...pieces.map((piece) => ({ type: 'content-delta', index, delta: { message: { content: { [type]: piece } } } })),
      { type: 'content-end', index },
    ];
    const said = [
      { type: 'message-start', id: 'a', delta: { message: { role: 'assistant' } } },
      ...(thought === undefined ? [] : block(0, 'thinking', [thought])),
      ...(words.length === 0 ? [] : block(1, 'text', words)),
      ...calls.flatMap(({ id, name, input }, index) => {
        const text = JSON.stringify(input);
        return [
          { type: 'tool-call-start', index, delta: { message: { tool_calls: cohereCall(id, name, '') } } },
          ...[text.slice(0, 3), text.slice(3)].map((piece) => ({
            type: 'tool-call-delta',
            index,
            delta: { message: { tool_calls: { function: { arguments: piece } } } },
          })),
          { type: 'tool-call-end', index },
        ];
      }),
    ];
    const finish_reason = hasCalls(saying) ? 'TOOL_CALL' : 'COMPLETE';
    return { said: said.map(sse), end: [sse({ type: 'message-end', delta: { finish_reason, usage: cohereUsage } })] };
  },
  refusal: (message) => ({ id: 'a', message }),
};

const cohereUsage = { billed_units: { input_tokens: 11, output_tokens: 7 }, tokens: { input_tokens: 11, output_tokens: 7 } };
const cohereCall = (id: string, name: string, text: string): object => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});

const bedrock: SayingWire = {
  streamType: 'application/vnd.amazon.eventstream',
  whole: (saying) => {
    const { thought, words = [], calls = [] } = saying;
    const content = [
      ...(thought === undefined ? [] : [{ reasoningContent: { reasoningText: { text: thought } } }]),
      ...(words.length === 0 ? [] : [{ text: words.join('') }]),
      ...calls.map(({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input } })),
    ];
    return {
      metrics: { latencyMs: 1 },
      output: { message: { role: 'assistant', content } },
      stopReason: hasCalls(saying) ? 'tool_use' : 'end_turn',
      usage: bedrockUsage,
    };
  },
  events: (saying) => {
    const { thought, words = [], calls = [] } = saying;
    let index = -1;
    const block = (start: object, deltas: readonly object[]): Buffer[] => {
      index += 1;
      return [
        awsEvent('contentBlockStart', { contentBlockIndex: index, start }),
        ...deltas.map((delta) => awsEvent('contentBlockDelta', { contentBlockIndex: index, delta })),
        awsEvent('contentBlockStop', { contentBlockIndex: index }),
      ];
    };
    return {
      said: [
        awsEvent('messageStart', { role: 'assistant' }),
        ...(thought === undefined ? [] : block({}, [{ reasoningContent: { text: thought } }])),
        ...(words.length === 0
          ? []
          : block(
              {},
              words.map((text) => ({ text })),
            )),
        ...calls.flatMap(({ id, name, input }) => {
          const text = JSON.stringify(input);
          const pieces = [text.slice(0, 3), text.slice(3)].map((piece) => ({ toolUse: { input: piece } }));
          return block({ toolUse: { toolUseId: id, name } }, pieces);
        }),
      ],
      end: [
        awsEvent('messageStop', { stopReason: hasCalls(saying) ? 'tool_use' : 'end_turn' }),
        awsEvent('metadata', { usage: bedrockUsage, metrics: { latencyMs: 1 } }),
      ],
    };
  },
  refusal: (message) => ({ message }),
};

/** Tokens of its cache stand beside the input. */
const bedrockUsage = { inputTokens: 6, cacheReadInputTokens: 2, cacheWriteInputTokens: 3, outputTokens: 7, totalTokens: 18 };

const vertex: SayingWire = {
  streamType: 'text/event-stream',
  whole: (saying) => vertexEnd(vertexParts(saying)),
  events: (saying) => ({
    said: vertexParts(saying).map((part) => sse({ candidates: [{ index: 0, content: { role: 'model', parts: [part] } }] })),
    end: [sse(vertexEnd([]))],
  }),
  refusal: (message) => ({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
};

const vertexEnd = (parts: readonly object[]): object => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
});

function vertexParts({ thought, words = [], calls = [] }: Saying): object[] {
  return [
    ...(thought === undefined ? [] : [{ text: thought, thought: true }]),
    ...words.map((text) => ({ text })),
    ...calls.map(({ name, input }) => ({ functionCall: { name, args: input }, thoughtSignature: 'c2lnbmVk' })),
  ];
}

/** How the providers say their answers, by the wires under which they are reached. */
export const sayingWires = {
  'sdk:bedrock': bedrock,
  'sdk:cohere': cohere,
  'sdk:mistral': mistral,
  'sdk:vertex': vertex,
} as const satisfies Readonly<Record<string, SayingWire>>;

/** Says an answer as the provider does. */
export function sayOver(wire: SayingWire, response: ServerResponse, saying: Saying, streamed: boolean): void {
  if (!streamed) {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(wire.whole(saying)));
    return;
  }
  const { said, end } = wire.events(saying);
  response.writeHead(200, { 'content-type': wire.streamType });
  for (const event of [...said, ...end]) response.write(event);
  response.end();
}
