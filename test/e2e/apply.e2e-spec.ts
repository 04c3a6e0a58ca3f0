import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.js';
import { runCli, type CliRun } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';

/** The example of the contract's section 8, under a slug of its own. */
const example = (slug: string): string => `
tenants:
  - slug: ${slug}
    hosts: []
    connections:
      - { name: main, base_url: "http://127.0.0.1:4120/v1", wire: openai, auth: { mode: header_token, token_env: MAIN_KEY } }
    datasets:
      - { alias: handbook, embedding: { connection: main, model: text-embed } }
    agents:
      - name: helper
        instructions: Answer shortly.
        models: { chat: { connection: main, model: big }, embed: { connection: main, model: text-embed } }
        datasets: [handbook]
    endpoints:
      - { name: assistant, agent: helper, default: true }
      - { name: text-embed, raw_model: { connection: main, model: text-embed } }
    keys:
      - { name: app, preset: chat-plus-embeddings, agents: [assistant], raw_models: [text-embed] }
      - { name: bench, preset: platform-automation, agents: ["*"], raw_models: ["*"], datasets: ["*"], limits: {} }
`;

interface Result {
  readonly kind: string;
  readonly tenant: string;
  readonly name: string;
  readonly id: string | null;
  readonly action: string;
  readonly secret?: string;
  readonly notices?: readonly string[];
}

interface Applied {
  readonly object: string;
  readonly changed: number;
  readonly results: readonly Result[];
}

let app: TestApp;
let database: pg.Client;
let folder: string;
let tenantNumber = 0;
let slug: string;

beforeAll(async () => {
  app = await startApp();
  database = new pg.Client({ connectionString: app.databaseUrl });
  await database.connect();
  folder = mkdtempSync(join(runFolder(), 'apply-'));
});
afterAll(async () => {
  await database.end();
  await app.close();
});
beforeEach(() => {
  tenantNumber += 1;
  slug = `acme-${tenantNumber}`;
});

function gt(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliRun> {
  return runCli(args, {
    GT_ADMIN_URL: app.adminUrl,
    GT_ADMIN_TOKEN: app.operatorToken,
    GT_DATA_DIR: folder,
    MAIN_KEY: 'provider-token-1',
    ...env,
  });
}

function fileOf(text: string): string {
  const path = join(folder, 'platform.yaml');
  writeFileSync(path, text);
  return path;
}

async function apply(text: string, ...flags: string[]): Promise<Applied> {
  const run = await gt(['apply', '-f', fileOf(text), '--json', ...flags]);
  expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
  return JSON.parse(run.out) as Applied;
}

/** Everything that a change would leave behind. */
async function marks(): Promise<unknown> {
  const { rows } = await database.query(
    `select (select count(*) from audit) as audit, (select count(*) from operator_audit) as operator_audit,
            (select count(*) from agent_revisions) as revisions, (select coalesce(max(seq), 0) from change_feed) as feed,
            (select count(*) from tenants) as tenants, (select count(*) from keys) as keys`,
  );
  return rows[0];
}

const actions = (applied: Applied): string[] => applied.results.map(({ kind, name, action }) => `${action} ${kind} ${name}`);
const changes = (applied: Applied): string[] =>
  actions({ ...applied, results: applied.results.filter(({ action }) => action !== 'unchanged') });

describe('gt apply', () => {
  it("makes the contract's example from nothing, with a secret for each new key and for nothing else", async () => {
    const applied = await apply(example(slug));
    expect(applied.object).toBe('apply');
    expect(applied.changed).toBe(8);
    expect(actions(applied)).toEqual([
      `created tenant ${slug}`,
      'created connection main',
      'created dataset handbook',
      'created agent helper',
      'created endpoint assistant',
      'created endpoint text-embed',
      'created key app',
      'created key bench',
    ]);
    expect(applied.results.filter(({ secret }) => secret !== undefined).map(({ name }) => name)).toEqual(['app', 'bench']);
    const secret = applied.results.find(({ name }) => name === 'app')?.secret ?? '';
    const models = await fetch(`${app.baseUrl}/models`, { headers: { authorization: `Bearer ${secret}` } });
    const { data } = (await models.json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id).sort()).toEqual(['assistant', 'text-embed']);
  });

  it('changes nothing when it is run again: no audit row, no revision, nothing in the change feed', async () => {
    const first = await apply(example(slug));
    const before = await marks();
    const second = await apply(example(slug));
    expect(second.changed).toBe(0);
    expect(new Set(second.results.map(({ action }) => action))).toEqual(new Set(['unchanged']));
    expect(second.results.map(({ id }) => id)).toEqual(first.results.map(({ id }) => id));
    expect(JSON.stringify(second)).not.toContain('secret');
    expect(await marks()).toEqual(before);
  });

  it('gives a changed agent a new revision and moves its endpoints there', async () => {
    await apply(example(slug));
    const applied = await apply(example(slug).replace('Answer shortly.', 'Answer at length.'));
    expect(changes(applied)).toEqual(['updated agent helper']);
    const { body } = await app.admin('GET', `/endpoints/assistant?tenant=${slug}`);
    expect(body.revision).toBe(2);
  });

  it('allows an agent hosted tools and takes them away with the file, whose export has them', async () => {
    const allowing = example(slug).replace('        datasets:', '        hosted_tools: [web_search, mcp]\n        datasets:');
    expect(allowing).toContain('hosted_tools');
    await apply(example(slug));
    expect(changes(await apply(allowing))).toEqual(['updated agent helper']);
    expect((await apply(allowing)).changed).toBe(0);
    expect((await gt(['export', '--tenant', slug])).out).toMatch(/hosted_tools:\s+- mcp\s+- web_search/);
    expect(changes(await apply(example(slug)))).toEqual(['updated agent helper']);
    expect((await gt(['export', '--tenant', slug])).out).not.toContain('hosted_tools');
  });

  it('has addresses fetched for an agent as long as the file says so, whose export says it', async () => {
    const allowing = example(slug).replace('        datasets:', '        fetch_addresses: true\n        datasets:');
    expect(allowing).toContain('fetch_addresses');
    await apply(example(slug));
    expect(changes(await apply(allowing))).toEqual(['updated agent helper']);
    expect((await apply(allowing)).changed).toBe(0);
    expect((await gt(['export', '--tenant', slug])).out).toContain('fetch_addresses: true');
    expect(changes(await apply(example(slug)))).toEqual(['updated agent helper']);
    expect((await gt(['export', '--tenant', slug])).out).not.toContain('fetch_addresses');
  });

  it('has batches of an agent made by the provider as long as the file says so, whose export says it', async () => {
    const handing = example(slug).replace('        datasets:', '        batches: provider\n        datasets:');
    expect(handing).toContain('batches');
    await apply(example(slug));
    expect(changes(await apply(handing))).toEqual(['updated agent helper']);
    expect((await apply(handing)).changed).toBe(0);
    expect((await gt(['export', '--tenant', slug])).out).toContain('batches: provider');
    expect(changes(await apply(example(slug)))).toEqual(['updated agent helper']);
    expect((await gt(['export', '--tenant', slug])).out).not.toContain('batches');
  });

  it('gives a field that left the file its default again', async () => {
    const limited = example(slug).replace(
      'agents: [assistant],',
      'agents: [assistant], allowed_ips: ["192.0.2.1"], limits: { requests_per_minute: 5 },',
    );
    await apply(limited);
    const { body: before } = await app.admin('GET', `/keys/app?tenant=${slug}`);
    expect([before.allowed_ips, before.limits.requests_per_minute]).toEqual([['192.0.2.1'], 5]);
    expect(changes(await apply(example(slug)))).toEqual(['updated key app']);
    const { body: after } = await app.admin('GET', `/keys/app?tenant=${slug}`);
    expect([after.allowed_ips, after.limits.requests_per_minute]).toEqual([[], null]);
  });

  it('seals a changed token, tells an unchanged one, and keeps the stored one where none is given', async () => {
    await apply(example(slug));
    const run = await gt(['apply', '--json', '-f', fileOf(example(slug))], { MAIN_KEY: 'provider-token-2' });
    expect(changes(JSON.parse(run.out) as Applied)).toEqual(['updated connection main']);
    expect(run.out + run.err).not.toContain('provider-token');
    expect((await apply(example(slug).replace(', token_env: MAIN_KEY', ''))).changed).toBe(0);
  });

  describe("with a connection's headers", () => {
    const withHeaders = (headers: string): string =>
      example(slug).replace('auth: { mode: header_token, token_env: MAIN_KEY }', (auth) => `${auth}, ${headers}`);
    const shown = async (): Promise<unknown> =>
      (await app.admin('GET', `/connections?tenant=${slug}&name=main`)).body.data[0].headers as unknown;

    it('sets exactly those, changes nothing when it is run again, and drops them with the file', async () => {
      const both = withHeaders('headers: { X-Team: provider-blue, x-plan: provider-gold }');
      await apply(both);
      expect([(await apply(both)).changed, await shown()]).toEqual([0, ['x-plan', 'x-team']]);
      expect(changes(await apply(both.replace('provider-blue', 'provider-red')))).toEqual(['updated connection main']);
      const one = withHeaders('headers: { x-plan: provider-gold }');
      expect(changes(await apply(one))).toEqual(['updated connection main']);
      expect([(await apply(one)).changed, await shown()]).toEqual([0, ['x-plan']]);
      expect(changes(await apply(example(slug)))).toEqual(['updated connection main']);
      expect(await shown()).toEqual([]);
    });

    it('takes values from the environment, and exports the names, which keep them', async () => {
      const env = { TEAM: 'provider-blue' };
      const text = withHeaders('headers_env: { x-team: TEAM }');
      for (const changed of [8, 0]) {
        const run = await gt(['apply', '--json', '-f', fileOf(text)], env);
        expect([run.code, (JSON.parse(run.out) as Applied).changed]).toEqual([0, changed]);
      }
      expect((await gt(['apply', '-f', fileOf(text)])).err).toContain(
        'connections[0].headers_env.x-team: the environment variable TEAM is not set',
      );
      const exported = (await gt(['export', '--tenant', slug])).out;
      expect(exported).toMatch(/headers:\s+- x-team/);
      expect(exported).not.toContain('provider-');
      expect([(await apply(exported)).changed, await shown()]).toEqual([0, ['x-team']]);
      const elsewhere = exported
        .replace(`slug: ${slug}`, `slug: ${slug}-copy`)
        .replace('mode: header_token', 'mode: header_token\n          token_env: MAIN_KEY');
      const refused = await gt(['apply', '-f', fileOf(elsewhere)]);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('tenants[0].connections[0].headers: No value of')]);
    });

    it('moves to another address with the values that the file gives, and not without them', async () => {
      const moved = (text: string): string => text.replace('127.0.0.1:4120', '127.0.0.1:4129');
      const given = withHeaders('headers: { x-team: provider-blue }');
      await apply(given);
      const run = await gt(['apply', '-f', fileOf(moved(withHeaders('headers: [x-team]')))]);
      expect([run.code, run.err]).toEqual([1, expect.stringContaining('connections[0].headers: The stored headers belong')]);
      expect(changes(await apply(moved(given)))).toEqual(['updated connection main']);
      expect((await apply(moved(given))).changed).toBe(0);
    });
  });

  it('sets the further tokens of a connection, keeps them where none are given, and takes them away', async () => {
    const withFurther = (further: string): string =>
      example(slug).replace('token_env: MAIN_KEY', `token_env: MAIN_KEY, ${further}`);
    const env = { SECOND: 'provider-second', THIRD: 'provider-third' };
    const given = withFurther('further_tokens_env: [SECOND, THIRD]');
    const shown = async (): Promise<unknown> =>
      (await app.admin('GET', `/connections?tenant=${slug}&name=main`)).body.data[0].auth.tokens as unknown;
    for (const changed of [8, 0]) {
      const run = await gt(['apply', '--json', '-f', fileOf(given)], env);
      expect([run.code, (JSON.parse(run.out) as Applied).changed, await shown()]).toEqual([0, changed, 3]);
      expect(run.out).not.toContain('provider-');
    }
    expect((await gt(['apply', '-f', fileOf(given)])).err).toContain(
      'further_tokens_env: the environment variable SECOND is not set',
    );
    expect([(await apply(example(slug))).changed, await shown()]).toEqual([0, 3]);
    const exported = (await gt(['export', '--tenant', slug])).out;
    expect(exported).not.toContain('provider-');
    expect([(await apply(exported)).changed, await shown()]).toEqual([0, 3]);
    const one = withFurther('further_tokens: [provider-third]');
    expect([changes(await apply(one)), await shown()]).toEqual([['updated connection main'], 2]);
    const none = withFurther('further_tokens: []');
    expect([changes(await apply(none)), (await apply(none)).changed, await shown()]).toEqual([['updated connection main'], 0, 1]);
  });

  it('takes the password of a proxy from the environment, and exports the proxy without it', async () => {
    const withProxy = (proxy: string) => example(slug).replace('wire: openai,', `wire: openai, proxy: ${proxy},`);
    const text = withProxy('{ url: "socks5://127.0.0.1:1080", username: gateway, password_env: PROXY_WORD }');
    for (const [word, changed] of [
      ['provider-blue', 8],
      ['provider-blue', 0],
      ['provider-red', 1],
    ] as const) {
      const run = await gt(['apply', '--json', '-f', fileOf(text)], { PROXY_WORD: word });
      expect([run.code, (JSON.parse(run.out) as Applied).changed]).toEqual([0, changed]);
    }
    expect((await gt(['apply', '-f', fileOf(text)])).err).toContain(
      'connections[0].proxy.password_env: the environment variable PROXY_WORD is not set',
    );
    const exported = (await gt(['export', '--tenant', slug])).out;
    expect(exported).toMatch(/proxy:\s+url: socks5:\/\/127\.0\.0\.1:1080/);
    expect(exported).not.toMatch(/provider-|gateway/);
    expect((await apply(exported)).changed).toBe(0);
    expect((await apply(example(slug))).changed).toBe(0);
    expect(changes(await apply(withProxy('null')))).toEqual(['updated connection main']);
  });

  it('links conversation keys by the names of keys that stand behind them in the file', async () => {
    const conversation = '      - { name: talk, preset: conversation-app, links: { inference: app, upload: up } }\n';
    const upload = '      - { name: up, preset: dataset-upload, datasets: [handbook] }\n';
    const text = example(slug).replace('    keys:\n', `    keys:\n${conversation}`) + upload;
    const applied = await apply(text);
    const ids = new Map(applied.results.map(({ name, id }) => [name, id]));
    const { body } = await app.admin('GET', `/keys/talk?tenant=${slug}`);
    expect(body.links).toEqual({ inference: ids.get('app'), upload: ids.get('up') });
    expect((await apply(text)).changed).toBe(0);
    expect(changes(await apply(`tenants: [{ slug: ${slug} }]`, '--prune')).slice(0, 4)).toEqual([
      'deleted key talk',
      'deleted key app',
      'deleted key bench',
      'deleted key up',
    ]);
  });

  it('keeps tenants, their presets and every further field of the contract', async () => {
    const text = `
tenants:
  - slug: ${slug}
    name: The Company
    state: suspended
    hosts: [${slug}.example.com]
    routes_off: [chat, images]
    approval: ['DELETE /files/{file_id}']
    limits: { requests_per_minute: 100 }
    time_zone: Asia/Tokyo
    retention_days: 90
    stored_days: 14
    request_log_days: 7
    presets:
      - { slug: talk, purpose: conversation, scopes: ["conversations:read"], links: { inference: small } }
      - { slug: small, purpose: inference, scopes: ["inference:chat"], limits: { parallel_requests: 2 } }
    keys:
      - name: full
        preset: small
        scopes: ["inference:chat"]
        expires_at: 2099-01-01T00:00:00Z
        allowed_ips: [10.0.0.0/8]
        keep_alive: "off"
        approval: [POST /chat/completions, files.create]
        prompt_policy: { instructions: Be kind., guardrails: [{ module: blocked_terms, terms: [secret] }] }
      - { name: own, purpose: inference, scopes: ["inference:embed", "usage:read"] }
`;
    expect((await apply(text)).changed).toBe(5);
    expect((await apply(text)).changed).toBe(0);
    const { body: tenant } = await app.admin('GET', `/tenants/${slug}`);
    expect(tenant).toMatchObject({
      name: 'The Company',
      state: 'suspended',
      hosts: [`${slug}.example.com`],
      routes_off: ['chat', 'images'],
      approval: ['files.delete'],
      time_zone: 'Asia/Tokyo',
      retention_days: 90,
      stored_days: 14,
      request_log_days: 7,
    });
    const { body: key } = await app.admin('GET', `/keys/full?tenant=${slug}`);
    expect(key).toMatchObject({
      expires_at: 4_070_908_800,
      keep_alive: 'off',
      approval: ['chat.completions.create', 'files.create'],
      limits: { parallel_requests: 2 },
      prompt_policy: { instructions: 'Be kind.' },
    });
    expect(
      changes(await apply(text.replace('"inference:chat"], limits', '"inference:chat", "inference:embed"], limits'))),
    ).toEqual(['updated preset small']);
  });

  it('moves the default with the file', async () => {
    await apply(example(slug));
    const moved = example(slug)
      .replace(', default: true', '')
      .replace('name: text-embed, raw_model', 'name: text-embed, default: true, raw_model');
    expect(changes(await apply(moved))).toEqual(['updated endpoint assistant', 'updated endpoint text-embed']);
    const { body } = await app.admin('GET', `/endpoints?tenant=${slug}&default=true`);
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['text-embed']);
    expect((await apply(moved)).changed).toBe(0);
  });

  it.each([
    [
      'the preset of a key',
      (text: string) => text.replace('preset: platform-automation', 'preset: openai-chat-client'),
      'tenants[0].keys[1].preset: The preset of a key never changes.',
    ],
    [
      'the kind of an endpoint',
      (text: string) => text.replace('agent: helper, default', 'raw_model: { connection: main, model: m }, default'),
      'tenants[0].endpoints[0].raw_model: This endpoint is an agent alias',
    ],
    [
      'an address without the token for it',
      (text: string) => text.replace(', token_env: MAIN_KEY', '').replace(':4120', ':4121'),
      'tenants[0].connections[0].auth.token: The stored token belongs to the old address.',
    ],
  ])('refuses to change %s, with the path', async (_case, change, sentence) => {
    await apply(example(slug));
    const before = await marks();
    const run = await gt(['apply', '-f', fileOf(change(example(slug)))]);
    expect([run.code, run.out]).toEqual([1, '']);
    expect(run.err).toContain(sentence);
    expect(await marks()).toEqual(before);
  });

  it('--dry-run shows the plan and changes nothing', async () => {
    const before = await marks();
    const plan = await apply(example(slug), '--dry-run');
    expect(plan.changed).toBe(8);
    expect(
      plan.results.filter(({ action }) => action === 'created').every(({ id, secret }) => id === null && secret === undefined),
    ).toBe(true);
    await apply(example(slug));
    const filled = await marks();
    const second = await apply(
      example(slug)
        .replace('Answer shortly.', 'Answer.')
        .replace(/ +- \{ name: bench.*\n/, ''),
      '--dry-run',
      '--prune',
    );
    expect(changes(second)).toEqual(['updated agent helper', 'deleted key bench']);
    expect(await marks()).toEqual(filled);
    expect(filled).not.toEqual(before);
  });

  it('deletes nothing without --prune, and with it all that the file has not', async () => {
    await apply(example(slug));
    const bare = `tenants: [{ slug: ${slug} }]`;
    expect((await apply(bare)).changed).toBe(0);
    expect(changes(await apply(bare, '--prune'))).toEqual([
      'deleted key app',
      'deleted key bench',
      'deleted endpoint assistant',
      'deleted endpoint text-embed',
      'deleted agent helper',
      'deleted dataset handbook',
      'deleted connection main',
    ]);
    expect((await app.admin('GET', `/tenants/${slug}`)).status).toBe(200);
    expect((await apply(bare, '--prune')).changed).toBe(0);
  });

  it('refuses to prune a dataset that an agent of the file answers from', async () => {
    await apply(example(slug));
    const run = await gt(['apply', '--prune', '-f', fileOf(example(slug).replace(/ {4}datasets:\n.*\n/, ''))]);
    expect(run.code).toBe(1);
    expect(run.err).toContain('tenants[0].agents[0].datasets[0]: The file has no dataset "handbook"');
  });

  it('names the key that stands in the way of a prune, and what holds it', async () => {
    const talk = '      - { name: talk, preset: conversation-app, links: { inference: app } }\n';
    await apply(example(slug) + talk);
    const run = await gt(['apply', '--prune', '-f', fileOf((example(slug) + talk).replace(/ {6}- \{ name: app.*\n/, ''))]);
    expect(run.code).toBe(1);
    expect(run.err).toContain('tenants[0].keys: "app" cannot be deleted. The key is still linked by talk.');
    expect((await app.admin('GET', `/keys/app?tenant=${slug}`)).status).toBe(200);
  });

  it('tells of new, changed, kept and disabled keys in the order of the file, each with its own trace', async () => {
    const key = (name: string, more = ''): string => `      - { name: ${name}, preset: openai-chat-client${more} }\n`;
    const head = `tenants:\n  - slug: ${slug}\n    keys:\n`;
    await apply(head + key('b') + key('d') + key('f'));
    const expiry = ', expires_at: 2099-01-01';
    const applied = await apply(
      head +
        key('a', ', state: disabled') +
        key('b', ', agents: [x]') +
        key('c', expiry) +
        key('d') +
        key('f', ', state: disabled'),
    );
    expect(actions(applied).slice(1)).toEqual([
      'created key a',
      'updated key b',
      'created key c',
      'unchanged key d',
      'updated key f',
    ]);
    const { body } = await app.admin('GET', `/keys?tenant=${slug}&order=asc`);
    const seen = (body.data as { name: string; state: string; agents: string[]; expires_at: number | null }[]).map(
      ({ name, state, agents, expires_at }) => [name, state, agents, expires_at],
    );
    expect(seen.toSorted()).toEqual([
      ['a', 'disabled', [], null],
      ['b', 'active', ['x'], null],
      ['c', 'active', [], Date.UTC(2099, 0, 1) / 1000],
      ['d', 'active', [], null],
      ['f', 'disabled', [], null],
    ]);
    const idOf = new Map(applied.results.map(({ name, id }) => [name, id]));
    const { rows } = await database.query<{ action: string }>(
      'select action from audit where object_id = any($1) order by action',
      [[idOf.get('b'), idOf.get('f')]],
    );
    expect(rows.map(({ action }) => action)).toEqual(['create', 'create', 'disable', 'update']);
  });

  it('leaves a revoked key revoked and says so', async () => {
    await apply(example(slug));
    await app.admin('POST', `/keys/bench/revoke?tenant=${slug}`, {});
    const applied = await apply(example(slug).replace('limits: {}', 'limits: { parallel_requests: 1 }'));
    expect(applied.changed).toBe(0);
    expect(applied.results.find(({ name }) => name === 'bench')?.notices).toEqual([expect.stringContaining('revoked')]);
    expect((await app.admin('GET', `/keys/bench?tenant=${slug}`)).body.state).toBe('revoked');
  });
});

describe('an apply in events', () => {
  interface Event {
    readonly event: string | undefined;
    readonly data: { readonly object: string; readonly done: number; readonly total: number; readonly tenant: string };
  }

  async function inEvents(file: object, more: object = {}): Promise<{ status: number; type: string | null; events: Event[] }> {
    const response = await fetch(`${app.adminUrl}/apply`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${app.operatorToken}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ file, ...more }),
    });
    const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('data: '));
    const events = blocks.map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Event['data'],
    }));
    return { status: response.status, type: response.headers.get('content-type'), events };
  }

  const keys = (count: number): object[] =>
    Array.from({ length: count }, (_, n) => ({ name: `key-${n}`, preset: 'openai-chat-client', agents: ['*'] }));

  it('tells how many of how many are done, and ends with the result', async () => {
    const { status, type, events } = await inEvents({ tenants: [{ slug, keys: keys(250) }] });
    expect([status, type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const last = events.pop();
    expect([last?.event, last?.data]).toEqual(['apply.done', expect.objectContaining({ object: 'apply', changed: 251 })]);
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['apply.progress']));
    expect(events.map(({ data }) => [data.tenant, data.done, data.total])).toEqual(
      [0, 100, 200, 250].map((done) => [slug, done, 250]),
    );
    const pruned = await inEvents({ tenants: [{ slug, keys: keys(200) }] }, { prune: true });
    expect(pruned.events.at(-2)?.data).toEqual({ object: 'apply.progress', tenant: slug, done: 250, total: 250 });
  });

  it('answers a refusal with its status before there is anything to tell, and else as an event', async () => {
    expect((await inEvents({ tenants: [{ slug, keyz: [] }] })).status).toBe(400);
    const bad = [...keys(150), { name: 'bad', preset: 'conversation-app', agents: ['*'] }];
    const { status, events } = await inEvents({ tenants: [{ slug, keys: bad }] });
    expect(status).toBe(200);
    const last = events.pop();
    expect(last?.event).toBeUndefined();
    expect(last?.data).toMatchObject({
      error: { code: 'missing_required_parameter', param: 'file.tenants[0].keys[150].links.inference' },
    });
    expect((await app.admin('GET', `/tenants/${slug}`)).status).toBe(404);
  });

  it('is the same reply as ever for a client that does not ask for events', async () => {
    const { status, headers, body } = await app.admin('POST', '/apply', { file: { tenants: [{ slug, keys: keys(1) }] } });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toMatchObject({ object: 'apply', changed: 2 });
  });
});

describe('a file that is wrong', () => {
  it.each([
    [
      'an unknown field',
      (text: string) => text.replace('agents: [assistant], raw', 'presett: x, agents: [assistant], raw'),
      'tenants[0].keys[0].presett is not known here.',
    ],
    [
      'an unknown field in depth',
      (text: string) => text.replace('model: big', 'model: big, modl: x'),
      'tenants[0].agents[0].models.chat.modl is not known here.',
    ],
    ['a missing field', (text: string) => text.replace('alias: handbook, ', ''), 'tenants[0].datasets[0].alias is missing.'],
    [
      'an overlap of more than half a passage',
      (text: string) => text.replace('alias: handbook, ', 'alias: handbook, chunk_tokens: 64, overlap_tokens: 33, '),
      'tenants[0].datasets[0].overlap_tokens must be at most 32, half of chunk_tokens (64).',
    ],
    ['a name given twice', (text: string) => text.replace('name: bench', 'name: app'), 'tenants[0].keys[1].name is given twice'],
    [
      'two sources of an endpoint',
      (text: string) =>
        text.replace('agent: helper, default', 'agent: helper, raw_model: { connection: main, model: m }, default'),
      'tenants[0].endpoints[0].agent must be given, or raw_model, and not both.',
    ],
    [
      'an absent variable',
      (text: string) => text.replace('MAIN_KEY', 'NO_SUCH_KEY'),
      'tenants[0].connections[0].auth.token_env: the environment variable NO_SUCH_KEY is not set.',
    ],
    ['broken YAML', (text: string) => `${text}\n  - [`, 'platform.yaml:'],
    [
      'a YAML key given twice',
      (text: string) => text.replace('hosts: []', 'hosts: []\n    hosts: []'),
      'platform.yaml:5:5: Map keys must be unique.',
    ],
  ])('with %s is refused with its place, exit code 2 and no change', async (_case, spoil, sentence) => {
    const before = await marks();
    const run = await gt(['apply', '--json', '-f', fileOf(spoil(example(slug)))]);
    expect(run.code).toBe(2);
    expect(run.err).toContain(sentence);
    expect(run.out).toBe('');
    expect(await marks()).toEqual(before);
  });

  it('is refused by the route itself with the path of the field', async () => {
    const file = {
      tenants: [
        {
          slug,
          keys: [
            { name: 'a', preset: 'openai-chat-client' },
            { name: 'b', presett: 'x' },
          ],
        },
      ],
    };
    const { status, body } = await app.admin('POST', '/apply', { file });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'unsupported_parameter', param: 'file.tenants[0].keys[1].presett' });
  });

  it('rolls its tenant back whole when its last key is refused, and leaves the tenants before it done', async () => {
    const other = `${slug}-b`;
    const second = example(other)
      .replace('tenants:\n', '')
      .replace('preset: platform-automation', 'preset: openai-chat-client, scopes: ["files:read"]');
    const run = await gt(['apply', '--json', '-f', fileOf(example(slug) + second)]);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(
      /^gt: .*platform\.yaml: tenants\[1\]\.keys\[1\]\.scopes: The preset openai-chat-client does not have the scope files:read/,
    );
    const done = JSON.parse(run.out) as Applied;
    expect(new Set(done.results.map(({ tenant }) => tenant))).toEqual(new Set([slug]));
    expect(done.results.filter(({ secret }) => secret !== undefined)).toHaveLength(2);
    expect((await app.admin('GET', `/tenants/${slug}`)).status).toBe(200);
    expect((await app.admin('GET', `/tenants/${other}`)).status).toBe(404);
  });

  it('names the path of a reference that is not there', async () => {
    const { status, body } = await app.admin('POST', '/apply', {
      file: { tenants: [{ slug, agents: [{ name: 'a', models: { chat: { connection: 'absent', model: 'm' } } }] }] },
    });
    expect(status).toBe(400);
    expect(body.error.param).toBe('file.tenants[0].agents[0].models.chat.connection');
  });
});

describe('who may apply', () => {
  async function tokenOf(role: string): Promise<string> {
    const { body } = await app.admin('POST', '/admin-tokens', { tenant: slug, name: `a-${role}`, role });
    return body.secret as string;
  }

  it('an owner applies to the own tenant, without new hosts or state', async () => {
    await apply(example(slug));
    const token = await tokenOf('owner');
    const run = await gt([
      'apply',
      '--json',
      '--token',
      token,
      '-f',
      fileOf(example(slug).replace('Answer shortly.', 'Answer.')),
    ]);
    expect([run.code, run.err]).toEqual([0, '']);
    expect(changes(JSON.parse(run.out) as Applied)).toEqual(['updated agent helper']);
    const renamed = await app.admin(
      'POST',
      '/apply',
      { file: { tenants: [{ slug, name: 'Ours', hosts: [], state: 'active' }] } },
      token,
    );
    expect([renamed.status, renamed.body.results]).toEqual([
      200,
      [expect.objectContaining({ kind: 'tenant', action: 'updated' })],
    ]);
    const hosts = await app.admin('POST', '/apply', { file: { tenants: [{ slug, hosts: ['x.example.com'] }] } }, token);
    expect([hosts.status, hosts.body.error.code, hosts.body.error.param]).toEqual([
      403,
      'insufficient_role',
      'file.tenants[0].hosts',
    ]);
  });

  it("another tenant's slug is to an owner like one that does not exist", async () => {
    await apply(example(slug));
    const token = await tokenOf('owner');
    await app.admin('POST', '/tenants', { slug: `${slug}-x` });
    const [foreign, absent] = await Promise.all(
      [`${slug}-x`, `${slug}-y`].map((named) => app.admin('POST', '/apply', { file: { tenants: [{ slug: named }] } }, token)),
    );
    expect(foreign?.status).toBe(404);
    expect(foreign?.body).toEqual(absent?.body);
  });

  it('a manager may not, a viewer may export without secrets, nobody without a token may anything', async () => {
    await apply(example(slug));
    const file = { tenants: [{ slug }] };
    expect((await app.admin('POST', '/apply', { file }, await tokenOf('manager'))).status).toBe(403);
    const shown = await app.admin('GET', '/export', undefined, await tokenOf('viewer'));
    expect(shown.status).toBe(200);
    expect(shown.body.tenants.map((tenant: { slug: string }) => tenant.slug)).toEqual([slug]);
    expect(JSON.stringify(shown.body)).not.toContain('provider-token');
    expect((await app.admin('POST', '/apply', { file }, 'gtad_wrong')).status).toBe(401);
    expect((await app.admin('GET', '/export', undefined, 'gtad_wrong')).status).toBe(401);
  });

  it('two applies of one new tenant at once make it once', async () => {
    const file = { tenants: [{ slug, keys: [{ name: 'one', preset: 'openai-chat-client' }] }] };
    const replies = await Promise.all([1, 2, 3].map(() => app.admin('POST', '/apply', { file })));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(replies.map(({ body }) => body.changed).sort()).toEqual([0, 0, 2]);
  });
});

describe('gt export', () => {
  it('writes a file that changes nothing where it came from, even with --prune', async () => {
    await apply(example(slug));
    await app.admin('POST', '/connections', {
      tenant: slug,
      name: 'plain',
      base_url: 'http://127.0.0.1:4121/v1/',
      paths: { chat: '/c' },
      embedding_batch_size: 64,
      fine_tuning: 'on',
    });
    await app.admin('POST', '/keys', {
      tenant: slug,
      name: 'off',
      preset: 'openai-chat-client',
      scopes: ['inference:chat'],
      limits: { parallel_requests: 3 },
    });
    await app.admin('POST', `/keys/off/disable?tenant=${slug}`, {});
    const run = await gt(['export', '--tenant', slug]);
    expect([run.code, run.err]).toEqual([0, '']);
    expect(run.out).not.toContain('provider-token');
    expect(run.out).toContain('embedding_batch_size: 64');
    expect(run.out.match(/fine_tuning.*/g)).toEqual(['fine_tuning: on']);
    expect(run.out).not.toContain('embedding_batch_learned');
    expect((await apply(run.out, '--prune')).changed).toBe(0);
    expect(changes(await apply(run.out.replace('embedding_batch_size: 64', 'embedding_batch_size: 32')))).toEqual([
      'updated connection plain',
    ]);
    const { body } = await app.admin('GET', `/connections?tenant=${slug}&name=plain`);
    expect(body.data).toMatchObject([{ embedding_batch_size: 32 }]);
  });

  it('keeps every tenant of an operator, and a disabled key disabled on the way to another name', async () => {
    await apply(example(slug));
    await app.admin('POST', `/keys/app/disable?tenant=${slug}`, {});
    const whole = await gt(['export', '--json']);
    const { tenants } = JSON.parse(whole.out) as { tenants: { slug: string }[] };
    expect(tenants.map((tenant) => tenant.slug)).toContain(slug);
    const copy = (await gt(['export', '--tenant', slug])).out
      .replace(`slug: ${slug}`, `slug: ${slug}-copy`)
      .replace('mode: header_token', 'mode: header_token\n          token_env: MAIN_KEY');
    await apply(copy);
    expect((await app.admin('GET', `/keys/app?tenant=${slug}-copy`)).body.state).toBe('disabled');
  });

  it('keeps every setting of a dataset on the way to another name', async () => {
    const dataset = `alias: handbook, name: Book, chunk_tokens: 300, overlap_tokens: 20, hidden_sheets: true, ocr_languages: [deu, eng]`;
    await apply(example(slug).replace('alias: handbook', dataset));
    const seen = async (of: string): Promise<object> => {
      const { body } = await app.admin('GET', `/datasets?tenant=${of}&alias=handbook`);
      const [found = {}] = body.data as Record<string, unknown>[];
      const { id: _id, tenant: _tenant, created_at: _at, updated_at: _changedAt, ...rest } = found;
      return rest;
    };
    const made = await seen(slug);
    expect(made).toMatchObject({
      name: 'Book',
      chunk_tokens: 300,
      overlap_tokens: 20,
      hidden_sheets: true,
      ocr_languages: ['deu', 'eng'],
    });
    const exported = (await gt(['export', '--tenant', slug])).out;
    expect((await apply(exported)).changed).toBe(0);
    const copy = exported
      .replace(`slug: ${slug}`, `slug: ${slug}-copy`)
      .replace('mode: header_token', 'mode: header_token\n          token_env: MAIN_KEY');
    await apply(copy);
    expect(await seen(`${slug}-copy`)).toEqual(made);
    expect(changes(await apply(copy.replace(/ *hidden_sheets: true\n/, '')))).toEqual(['updated dataset handbook']);
    expect(await seen(`${slug}-copy`)).toMatchObject({ hidden_sheets: false, chunk_tokens: 300 });
  });

  it('says with the path which token another platform needs', async () => {
    await apply(example(slug));
    const copy = (await gt(['export', '--tenant', slug])).out.replace(`slug: ${slug}`, `slug: ${slug}-copy`);
    const run = await gt(['apply', '-f', fileOf(copy)]);
    expect(run.code).toBe(1);
    expect(run.err).toContain('tenants[0].connections[0].auth.token: ');
    expect(run.err.trim().split('\n')).toHaveLength(1);
  });

  it('-o writes the file and --json says which', async () => {
    await apply(example(slug));
    const path = join(folder, 'exported.yaml');
    const run = await gt(['export', '--tenant', slug, '-o', path, '--json']);
    expect(JSON.parse(run.out)).toEqual({ object: 'export', file: path, tenants: [slug] });
    const again = await gt(['apply', '--json', '-f', path]);
    expect((JSON.parse(again.out) as Applied).changed).toBe(0);
  });
});
