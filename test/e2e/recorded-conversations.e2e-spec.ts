import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { endConversations } from '../fixtures/conversations/ends.js';
import { wholeOf, type Answer, type Heard, type Recorded } from '../fixtures/conversations/form.js';
import { textConversations } from '../fixtures/conversations/texts.js';
import { thoughtConversations } from '../fixtures/conversations/thoughts.js';
import { toolConversations } from '../fixtures/conversations/tools.js';
import type { Fields } from '../../src/kernel/fields.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { chatClient, responsesClient, type Got } from '../support/recorded-client.js';
import { expectedOf, recordedAnswer, toldIn } from '../support/recorded-provider.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';

/** One conversation, played through each door over a provider of each wire: it is the same conversation everywhere. */
const recorded = [...textConversations, ...toolConversations, ...thoughtConversations, ...endConversations];
const doors = { chat: chatClient, responses: responsesClient };
const wires = ['openai', 'chat', 'responses'] as const;
const played = wires.flatMap((wire) => (['chat', 'responses'] as const).map((door) => ({ wire, door })));

let platform: TestPlatform;
let provider: RecordingProvider;
const clients = new Map<string, OpenAI>();
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  for (const wire of wires) {
    const tenant = await platform.factory.tenant(`speaks-${wire}`, provider.url);
    await platform.factory.wire(tenant, wire);
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

/** What a client gets of an answer: all of it, or a refusal. A reply in one piece that fails says nothing of its beginning. */
function expectedGot(answer: Answer, streamed: boolean): Pick<Got, 'heard' | 'refused'> {
  if (answer.refused !== undefined) return { refused: answer.refused.seen };
  const heard: Heard = wholeOf(answer);
  return heard.end === 'failed' && !streamed ? { refused: { status: 502, code: 'upstream_error' } } : { heard };
}

const isSoak = process.env['GT_TEST_SOAK'] === '1';
/** A provider of both wires is each of the others, by door: all of it only in a long run. */
const sample = recorded.filter((_one, at) => at % 5 === 0);

describe.each(played)('through $door, over a provider that speaks $wire', ({ wire, door }) => {
  it.each(wire === 'openai' && !isSoak ? sample : recorded)('$name', async (conversation: Recorded) => {
    const customs = new Set((conversation.tools ?? []).filter(({ isCustom }) => isCustom).map(({ name }) => name));
    for (const streamed of [false, true]) {
      const client = doors[door](clientOf(wire), conversation, streamed);
      for (const [number, exchange] of conversation.exchanges.entries()) {
        provider.answerWith(recordedAnswer(exchange.answer));
        const { faults, whole, ...got } = await client.ask(exchange);
        const expected = expectedGot(exchange.answer, streamed);
        expect({ streamed, ...got }).toEqual({ streamed, ...expected });
        if (whole !== undefined) expect(whole).toEqual(expected.heard);
        // Chunks of a custom tool's call have no description.
        expect(faults.filter((fault) => !/tool_calls.*custom|tool_calls.*type/.test(fault))).toEqual([]);
        expect(toldIn(provider.bodies.at(-1) as unknown as Fields, customs)).toEqual(expectedOf(conversation, number));
      }
    }
  });
});

it('there are 40 of them', () => expect(new Set(recorded.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40));
