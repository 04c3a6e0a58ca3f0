import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RouteId } from '../../src/catalog/routes.js';
import type { Fields } from '../../src/kernel/fields.js';
import { Metrics } from '../../src/observability/metrics.js';
import { sayBlocks, startAnthropicProvider, type AnthropicProvider } from '../support/anthropic-provider.js';
import {
  endEvent,
  partsEvent,
  startGeminiProvider,
  tellGemini,
  textEvent,
  type GeminiProvider,
} from '../support/gemini-provider.js';
import { startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type Answer, type RecordingProvider } from '../support/recording-provider.js';
import { answerOf, message } from '../support/responses-provider.js';
import { until } from '../support/until.js';

const codex = fileURLToPath(new URL('node_modules/.bin/codex', import.meta.url));
const run = promisify(execFile);

const wires = ['responses', 'chat', 'anthropic', 'gemini'] as const;
type Behind = (typeof wires)[number];

let platform: TestPlatform;
let provider: RecordingProvider;
let anthropic: AnthropicProvider;
let gemini: GeminiProvider;
const tenants = {} as Record<Behind, SeededTenant>;

beforeAll(async () => {
  provider = await startRecordingProvider();
  anthropic = await startAnthropicProvider();
  gemini = await startGeminiProvider();
  platform = await startPlatform();
  const { url } = provider;
  for (const [wire, address] of Object.entries({ responses: url, chat: url, anthropic: anthropic.url, gemini: gemini.url })) {
    tenants[wire as Behind] = await platform.factory.tenant(`codex-${wire}`, address);
    await platform.factory.wire(tenants[wire as Behind], wire);
  }
  provider.answerWith(callsThenTells);
  anthropic.answerWith((body, response) => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'exec_command', input: JSON.parse(command) as Fields };
    sayBlocks([isTold(body) ? { type: 'text', text: told } : call])(body, response);
  });
  gemini.answerWith(({ body, streamed }, response) => {
    const call = { functionCall: { name: 'exec_command', args: JSON.parse(command) as Fields } };
    tellGemini(response, streamed, [isTold(body) ? textEvent(told) : partsEvent(call), endEvent()]);
  });
});
afterAll(async () => {
  await platform.close();
  for (const one of [provider, anthropic, gemini]) await one.close();
});

const told = 'The command has run.';
const command = JSON.stringify({ cmd: 'echo sunny-$((40+2))' });

/** The model is told what came of its call. */
const isTold = (body: object): boolean =>
  /"function_call_output"|"role":"tool"|"tool_result"|"functionResponse"/.test(JSON.stringify(body));

/** What a tenant's provider was asked, the oldest first. */
const askedOf = (behind: Behind): readonly object[] =>
  behind === 'anthropic' ? anthropic.bodies : behind === 'gemini' ? gemini.asked : provider.bodies;

/** A model that calls Codex's own tool first, and ends the turn when it is told what came of it. */
const callsThenTells: Answer = (body, response) => {
  if (Array.isArray(body.messages)) {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'exec_command', arguments: command } };
    if (isTold(body)) reply(response, body, { content: told });
    else reply(response, body, { content: null, tool_calls: [call] }, 'tool_calls');
    return;
  }
  const call = {
    id: 'fc_1',
    type: 'function_call',
    status: 'completed',
    call_id: 'call_1',
    name: 'exec_command',
    arguments: command,
  };
  answerOf(isTold(body) ? message(told) : call)(body, response);
};

/** One turn of Codex with a home of its own. @returns what it printed, an event in each line. */
async function turn(tenant: SeededTenant, overSocket: boolean): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'gt-codex-'));
  const settings = `
model = "assistant"
model_provider = "gt"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.gt]
name = "gt"
base_url = "${platform.app.baseUrl}"
env_key = "GT_KEY"
wire_api = "responses"
supports_websockets = ${overSocket}
request_max_retries = 0
stream_max_retries = 0
`;
  writeFileSync(join(home, 'config.toml'), settings);
  const { secret } = await platform.factory.key(tenant);
  const env = { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home, GT_KEY: secret };
  const running = run(
    codex,
    ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--cd', home, 'Run the command.'],
    {
      env,
      timeout: 60_000,
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  running.child.stdin?.end();
  return (await running).stdout;
}

const all = wires.flatMap((behind) => [true, false].map((overSocket) => ({ behind, overSocket })));
/** Each of OpenAI's wires and each way once; all pairs of all wires in a long run. */
const runs =
  process.env['GT_TEST_SOAK'] === '1'
    ? all
    : all.filter(({ behind, overSocket }) => behind === (overSocket ? 'chat' : 'responses'));

const callsOf = (route: RouteId): number => platform.app.running.app.get(Metrics).requests.count(route, 200);

describe('Codex', () => {
  it.each(runs)('makes a turn with a tool over a provider of $behind, socket: $overSocket', async ({ behind, overSocket }) => {
    const route = overSocket ? 'responses.websocket' : 'responses.create';
    const [before, counted] = [askedOf(behind).length, callsOf(route)];
    const printed = await turn(tenants[behind], overSocket);
    expect(printed).toContain(told);
    expect(printed).toContain('turn.completed');
    const asked = askedOf(behind)
      .slice(before)
      .map((body) => JSON.stringify(body));
    // What Codex prepares is answered by the platform: the provider hears of the call and of its result alone.
    expect(asked).toHaveLength(2);
    expect(asked[0]).toContain('Run the command.');
    expect(asked[1]).toContain('Run the command.');
    expect(asked[1]).toContain('sunny-42');
    await until('its calls are counted', () => callsOf(route) >= counted + 2);
  });
});
