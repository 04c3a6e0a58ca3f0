import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type OpenAI from 'openai';
import { endConversations } from '../fixtures/conversations/ends.js';
import { wholeOf, type Answer, type Heard, type Recorded, type Told } from '../fixtures/conversations/form.js';
import { textConversations } from '../fixtures/conversations/texts.js';
import { thoughtConversations } from '../fixtures/conversations/thoughts.js';
import { toolConversations } from '../fixtures/conversations/tools.js';
import type { Fields } from '../../src/kernel/fields.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { expectedInAnthropic, heardInAnthropic, sayInAnthropic, toldInAnthropic } from '../support/recorded-anthropic.js';
import { chatClient, responsesClient, type Got } from '../support/recorded-client.js';
import { asGeminiTellsIt, heldWithGemini, sayInGemini, toldInGemini } from '../support/recorded-gemini.js';
import { asMistralTellsIt, heardInMistral, heldWithMistral, sayInMistral, toldInMistral } from '../support/recorded-mistral.js';
import { expectedOf } from '../support/recorded-provider.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';

/** How a wire of its own says what was recorded, and how much of it that wire can say. */
interface SpokenWire {
  readonly model: string;
  readonly held: (recorded: Recorded) => Recorded | undefined;
  readonly say: (response: ServerResponse, answer: Answer, streamed: boolean) => void;
  readonly told: (body: Fields, customs: ReadonlySet<string>) => Told;
  readonly expected: (told: Told, customs: ReadonlySet<string>) => Told;
  readonly heard: (heard: Heard) => Heard;
}

const spoken: Readonly<Record<string, SpokenWire>> = {
  anthropic: {
    model: 'claude',
    held: (recorded) => (recorded.wants?.logprobs === true ? undefined : recorded),
    say: sayInAnthropic,
    told: toldInAnthropic,
    expected: expectedInAnthropic,
    heard: heardInAnthropic,
  },
  gemini: {
    model: 'gemini-3-flash-preview',
    held: heldWithGemini,
    say: sayInGemini,
    told: toldInGemini,
    expected: asGeminiTellsIt,
    heard: (heard) => heard,
  },
  'sdk:mistral': {
    model: 'mistral-small',
    held: heldWithMistral,
    say: sayInMistral,
    told: toldInMistral,
    expected: asMistralTellsIt,
    heard: heardInMistral,
  },
};

const recorded = [...textConversations, ...toolConversations, ...thoughtConversations, ...endConversations];
const doors = { chat: chatClient, responses: responsesClient };
const played = Object.entries(spoken).flatMap(([wire, how]) =>
  (['chat', 'responses'] as const).map((door) => ({ wire, how, door })),
);

let platform: TestPlatform;
let provider: RecordingProvider;
const clients = new Map<string, OpenAI>();
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const [wire, { model }] of Object.entries(spoken)) {
    const tenant = await platform.factory.tenant(`speaks-${wire.replace(':', '-')}`, provider.url);
    await platform.factory.wire(tenant, wire);
    await platform.factory.run((tx) => tx.endpoint.deleteMany({ where: { tenantId: tenant.id, name: 'assistant' } }));
    await platform.factory.rawModel(tenant, 'assistant', model);
    clients.set(wire, openai(platform.app.baseUrl, await platform.factory.key(tenant)));
  }
});
afterAll(async () => {
  await platform.close();
  await provider.close();
});

function clientOf(wire: string): OpenAI {
  const client = clients.get(wire);
  if (client === undefined) throw new Error(`No client for ${wire}.`);
  return client;
}

/** What a client gets of an answer: all of it, or a refusal, whose code the wire has other words for. */
function expectedGot({ heard: asHeard }: SpokenWire, answer: Answer, streamed: boolean): Pick<Got, 'heard' | 'refused'> {
  if (answer.refused !== undefined) return { refused: expect.objectContaining({ status: answer.refused.seen.status }) as never };
  const heard = asHeard(wholeOf(answer));
  // What fails before anything was said has a status of its own, streamed or not.
  const isSilent = heard.text === '' && heard.thought === '' && heard.calls.length === 0;
  return heard.end === 'failed' && (!streamed || isSilent) ? { refused: { status: 502, code: 'upstream_error' } } : { heard };
}

/**
 * `npm run test:soak` plays each conversation streamed and in one piece through each door; else every second one streamed, and
 * through the other door the others.
 */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const waysOf = (at: number): readonly boolean[] => (isSoak ? [false, true] : [at % 2 === 0]);

describe.each(played)('through $door, over a provider that speaks $wire', ({ wire, how, door }) => {
  const held = recorded
    .flatMap((conversation) => how.held(conversation) ?? [])
    .map((conversation, at) => ({ name: conversation.name, conversation, ways: waysOf(door === 'chat' ? at : at + 1) }));

  it.each(held)('$name', async ({ conversation, ways }) => {
    const customs = new Set((conversation.tools ?? []).filter(({ isCustom }) => isCustom).map(({ name }) => name));
    for (const streamed of ways) {
      const client = doors[door](clientOf(wire), conversation, streamed);
      for (const [number, exchange] of conversation.exchanges.entries()) {
        provider.answerWith((_body, response) => how.say(response, exchange.answer, streamed));
        const { faults, whole, ...got } = await client.ask(exchange);
        const expected = expectedGot(how, exchange.answer, streamed);
        expect({ streamed, ...got }).toEqual({ streamed, ...expected });
        if (whole !== undefined) expect(whole).toEqual(expected.heard);
        // Chunks of a custom tool's call have no description.
        expect(faults.filter((fault) => !/tool_calls.*custom|tool_calls.*type/.test(fault))).toEqual([]);
        const body = provider.bodies.at(-1) as unknown as Fields;
        expect(how.told(body, customs)).toEqual(how.expected(expectedOf(conversation, number), customs));
      }
    }
  });
});
