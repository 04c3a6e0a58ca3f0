import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { startLimitedConnections, type LimitedConnections } from '../support/limited-connections.js';
import { defaultAnswer, startRecordingProvider, type Answer, type RecordingProvider } from '../support/recording-provider.js';
import { post, until } from '../support/relay.js';

const metricsToken = 'metrics-token-of-this-test';
const secretSentence = 'secret-sentence-of-the-provider';

/** Two API processes on one database. */
let platform: LimitedConnections;
let second: TestApp;
let provider: RecordingProvider;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startLimitedConnections({ GT_METRICS_TOKEN: metricsToken });
  second = await startApp({ databaseUrl: platform.app.databaseUrl });
});
afterAll(async () => {
  await second.close();
  await platform.close();
  await provider.close();
});

const fails =
  (status: number): Answer =>
  (_body, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(`{"error":{"message":"${secretSentence}"}}`);

async function ask(model: string, times: number, answer: Answer, app: TestApp = platform.app, tenant = 'acme'): Promise<void> {
  provider.answerWith(answer);
  const body = { model, messages: [{ role: 'user', content: 'Hello' }] };
  for (let at = 0; at < times; at += 1) {
    const url = `${app.baseUrl}/chat/completions`;
    await (await post({ url, secret: platform.secrets[tenant] ?? '', body })).text();
  }
}

/** How the connection fares, once as many calls of it are known. */
async function healthOf(id: string, calls: number, app: TestApp = platform.app) {
  return until(`${calls} calls are known`, async () => {
    const { body } = await app.admin('GET', `/connections/${id}?tenant=acme`);
    expect(JSON.stringify(body.health)).not.toMatch(/127\.0\.0\.1|secret-sentence|model-of/);
    return body.health.calls === calls && body.health;
  });
}

const now = () => Date.now() / 1000;

describe('the health of a connection', () => {
  it('is that of a connection that nobody has called', async () => {
    const id = await platform.connect('quiet', provider.url, {});
    const { body } = await platform.app.admin('GET', `/connections/${id}?tenant=acme`);
    expect(body.health).toEqual({ state: 'closed', retry_at: null, calls: 0, failures: 0, last_failure: null });
  });

  it('adds up the calls of all processes, whichever is asked', async () => {
    const id = await platform.connect('shared', provider.url, { breaker: null });
    await until('the other process knows it', async () => {
      const headers = { authorization: `Bearer ${platform.secrets['acme']}` };
      return (await fetch(`${second.baseUrl}/models/shared`, { headers })).status === 200;
    });
    await ask('shared', 3, defaultAnswer);
    await ask('shared', 2, fails(500));
    await ask('shared', 1, fails(400));
    await ask('shared', 2, fails(401), second);
    for (const app of [platform.app, second]) {
      const health = await healthOf(id, 8, app);
      expect(health).toMatchObject({ state: 'closed', retry_at: null, failures: 4, last_failure: { code: 'status_401' } });
      expect(Math.abs(health.last_failure.at - now())).toBeLessThan(60);
    }
    const { body: list } = await second.admin('GET', '/connections?tenant=acme&name=shared');
    expect(list.data[0].health).toMatchObject({ calls: 8, failures: 4 });
    const { body: changed } = await second.admin('PATCH', `/connections/${id}`, { tenant: 'acme', wire: 'chat' });
    expect(changed.health).toMatchObject({ calls: 8, failures: 4 });
  });

  it('tells of a breaker that is open in one process alone, and when it closes', async () => {
    const id = await platform.connect('open', provider.url, { breaker: { failures: 2, rest_seconds: 3600 } });
    await ask('open', 3, fails(503));
    for (const app of [platform.app, second]) {
      const health = await healthOf(id, 2, app);
      expect(health).toMatchObject({ state: 'open', failures: 2, last_failure: { code: 'status_503' } });
      expect(health.retry_at - now()).toBeGreaterThan(3500);
      expect(health.retry_at - now()).toBeLessThanOrEqual(3601);
    }
    await platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', limits: { breaker: null } });
    await until('a call is let through', async () => {
      provider.answerWith(defaultAnswer);
      return (await platform.ask('open')).status === 200;
    });
    await until('it is closed', async () => {
      const { body } = await second.admin('GET', `/connections/${id}?tenant=acme`);
      return body.health.state === 'closed' && body.health.retry_at === null;
    });
  });

  it("is a tenant's own", async () => {
    const id = await platform.connect('busy', provider.url, {});
    await platform.connect('busy', provider.url, {}, 'globex');
    await ask('busy', 2, defaultAnswer);
    await healthOf(id, 2);
    const { body } = await platform.app.admin('GET', '/connections?tenant=globex&name=busy');
    expect(body.data[0].health.calls).toBe(0);
  });

  it('stands in the list of the command line', async () => {
    const id = await platform.connect('listed', provider.url, { breaker: null });
    await ask('listed', 1, fails(500));
    await ask('listed', 2, defaultAnswer);
    await healthOf(id, 3);
    const { url, operatorToken } = platform.app;
    const run = await runCli(['connection', 'list', '--tenant', 'acme', '--url', url], { GT_ADMIN_TOKEN: operatorToken });
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/NAME +BASE URL +WIRE +AUTH +HEALTH +ID/);
    expect(run.out).toMatch(/\nlisted .* failing 1\/3 +con_/);
    expect(run.out).toMatch(/\nquiet .* unused +con_/);
  });

  it('goes with its connection', async () => {
    const { admin } = platform.app;
    const id = await platform.connect('passing', provider.url, {});
    await ask('passing', 1, defaultAnswer);
    await healthOf(id, 1);
    const { body } = await admin('GET', '/endpoints?tenant=acme&name=passing');
    await admin('DELETE', `/endpoints/${body.data[0].id}?tenant=acme`);
    const gone = await admin('DELETE', `/connections/${id}?tenant=acme`);
    expect(gone.status).toBe(200);
  });

  it('is in the metrics, by ids of connections alone', async () => {
    const id = await platform.connect('metered', provider.url, { breaker: { failures: 1, rest_seconds: 3600 } });
    await ask('metered', 2, defaultAnswer);
    await ask('metered', 2, fails(500));
    const reply = await fetch(`${platform.app.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
    const text = await reply.text();
    expect(text).toContain(`gt_connection_calls_total{connection="${id}",result="ok"} 2`);
    expect(text).toContain(`gt_connection_calls_total{connection="${id}",result="failed"} 1`);
    expect(text).toContain(`gt_connection_calls_total{connection="${id}",result="refused"} 1`);
    expect(text).toContain(`gt_connection_state{connection="${id}"} 2`);
    expect(text).not.toMatch(/127\.0\.0\.1|metered|acme|globex|secret-sentence/);
  });
});
