#!/usr/bin/env node
/**
 * Makes a data folder and database as the release before left them in a crash: builds that release from this clone, starts
 * its platform, fills it, and ends all of its processes by kill -9 while files, calls and turns are under way.
 * Usage: node test/upgrade/fill-release.mjs <folder>; prints what was made, as JSON. The folder then holds `release` (a
 * work tree; the caller removes it with `removeRelease`) and `data`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The last commit of the release before. */
export const releaseBefore = '2f66ddf';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Checks the release out and builds it with this checkout's packages. @throws Error in a clone that lacks its commit. */
export function buildRelease(folder) {
  try {
    execFileSync('git', ['cat-file', '-e', `${releaseBefore}^{commit}`], { cwd: root, stdio: 'ignore' });
  } catch {
    throw new Error(`This clone has no commit ${releaseBefore}, so the upgrade is not proved. Fetch it: git fetch --unshallow`);
  }
  const release = join(folder, 'release');
  execFileSync('git', ['worktree', 'add', '--detach', release, releaseBefore], { cwd: root, stdio: 'ignore' });
  symlinkSync(join(root, 'node_modules'), join(release, 'node_modules'));
  execFileSync('npm', ['run', 'build'], { cwd: release, stdio: ['ignore', 'ignore', 'inherit'] });
  return release;
}

/** Takes the work tree away again. */
export function removeRelease(folder) {
  execFileSync('git', ['worktree', 'remove', '--force', join(folder, 'release')], { cwd: root, stdio: 'ignore' });
}

/** Starts the platform of a checkout on this data folder, as `npm run up` does. @returns its up.json and the process. */
export async function startUp(checkout, dataDir) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(GT_|OPENAI_|DATABASE_URL|REDIS_URL)/.test(name));
  const env = { ...Object.fromEntries(kept), GT_DATA_DIR: dataDir, GT_PORT: '0', GT_ALLOW_PRIVATE_UPSTREAMS: 'true' };
  const child = spawn(process.execPath, ['dist/up.js'], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  for (const deadline = Date.now() + 180_000; Date.now() < deadline; await wait(100)) {
    if (child.exitCode !== null) throw new Error(`The platform ended: ${output}`);
    const path = join(dataDir, 'up.json');
    const file = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
    if (file?.pids.up === child.pid) return { file, child };
  }
  child.kill('SIGKILL');
  throw new Error(`The platform was not up in time: ${output}`);
}

/** Ends every process of the platform at once, as a power cut would; one that has ended stays so. */
export function killAll({ file, child }) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (const pid of [file.pids.api, file.pids.worker, file.pids.sandbox, file.pids.up]) process.kill(pid, 'SIGKILL');
  process.kill(file.pids.postgres, 'SIGQUIT');
  return ended;
}

/** Calls of both planes: the status and the JSON of the answer. */
export function caller({ base_url: base, admin_url: adminUrl, admin_token: token }) {
  const ask = async (url, secret, method, body, headers = {}) => {
    const isForm = body instanceof FormData;
    const type = isForm || body === undefined ? {} : { 'content-type': 'application/json' };
    const init = { method, headers: { authorization: `Bearer ${secret}`, ...type, ...headers } };
    const reply = await fetch(url, { ...init, ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }) });
    return { status: reply.status, body: JSON.parse(await reply.text()) };
  };
  const good = async (...call) => {
    const { status, body } = await ask(...call);
    if (status >= 300) throw new Error(`${call[2]} ${call[0]}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    admin: (method, path, body) => good(adminUrl + path, token, method, body),
    call: (secret, method, path, body, headers) => good(base + path, secret, method, body, headers),
    statusOf: async (secret, method, path, body) => (await ask(base + path, secret, method, body)).status,
    adminStatusOf: async (method, path, body) => (await ask(adminUrl + path, token, method, body)).status,
    upload: (secret, path, name, text, headers) => {
      const form = new FormData();
      form.append('file', new Blob([text]), name);
      return good(base + path, secret, 'POST', form, headers);
    },
    /** Opens a streamed chat. @returns when its first bytes are here. */
    open: async (secret, content) => {
      const body = JSON.stringify({ model: 'assistant', stream: true, messages: [{ role: 'user', content }] });
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const reply = await fetch(`${base}/chat/completions`, { method: 'POST', headers, body });
      const reader = reply.body.getReader();
      await reader.read();
      return async () => {
        for (let part = { done: false }; !part.done; part = await reader.read());
      };
    },
  };
}

/** Fills the platform and kills it in the midst of work. @returns what must be there afterwards. */
export async function fillRelease(release, dataDir, hook) {
  mkdirSync(dataDir, { recursive: true });
  const up = await startUp(release, dataDir);
  try {
    return await fill(up, dataDir, hook);
  } finally {
    await killAll(up);
  }
}

async function fill(up, dataDir, hook) {
  const { admin, call, upload, open } = caller(up.file);
  const tenant = 'upgraded';
  await admin('POST', '/tenants', { slug: tenant, name: 'Upgraded' });
  const token = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).sandbox_token;
  const auth = { mode: 'header_token', token };
  const connection = await admin('POST', '/connections', { tenant, name: 'main', base_url: up.file.sandbox_url, auth });
  const model = (name) => ({ connection: 'main', model: name });
  const dataset = await admin('POST', '/datasets', { tenant, alias: 'handbook', embedding: model('sandbox-embed') });
  await admin('POST', '/agents', { tenant, name: 'plain', models: { chat: model('sandbox-chat') } });
  await admin('POST', '/agents', { tenant, name: 'reader', models: { chat: model('sandbox-chat') }, datasets: ['handbook'] });
  for (const agent of ['plain', 'reader']) await admin('POST', `/agents/${agent}/publish?tenant=${tenant}`, {});
  await admin('POST', '/endpoints', { tenant, name: 'assistant', agent: 'plain', default: true });
  await admin('POST', '/endpoints', { tenant, name: 'librarian', agent: 'reader' });
  await admin('POST', '/endpoints', { tenant, name: 'bare', raw_model: model('sandbox-chat') });
  await admin('POST', '/webhooks', { tenant, url: hook, events: ['file.ready', 'file.failed'] });
  const grants = { preset: 'platform-automation', agents: ['*'], raw_models: ['*'], datasets: ['*'] };
  const { secret } = await admin('POST', '/keys', { tenant, name: 'app', ...grants });
  const gone = await admin('POST', '/keys', { tenant, name: 'gone', ...grants });
  await admin('POST', `/keys/${gone.id}/revoke?tenant=${tenant}`, {});

  const files = '/datasets/handbook/files';
  const ready = await upload(secret, files, 'ready.txt', 'The lighthouse of Port Ellery is green.');
  for (let state = ''; state !== 'ready'; state = (await call(secret, 'GET', `/files/${ready.id}?wait=30`)).status);
  const kept = { key: 'before-file', name: 'kept.txt', text: 'Kept under a key.' };
  const keptFile = await upload(secret, files, kept.name, kept.text, { 'idempotency-key': kept.key });
  const made = { key: 'before-conversation', body: { metadata: { from: 'before' } } };
  const conversation = await call(secret, 'POST', '/conversations', made.body, { 'idempotency-key': made.key });
  const turn = { model: 'assistant', messages: [{ role: 'user', content: 'hello' }] };
  await call(secret, 'POST', '/chat/completions', turn, { 'x-gt-conversation-id': conversation.id });

  // From here on nothing has an end: calls are open, their journal is not drained, files are half-way or just coming in.
  const open3 = await Promise.all([1, 2, 3].map(() => open(secret, 'one two three four [[pace:60000]]')));
  const long = Array.from({ length: 3_000 }, (_none, at) => `Sentence number ${at} of a long report.`).join(' ');
  const halfWay = [];
  for (const at of [0, 1, 2, 3, 4, 5]) halfWay.push((await upload(secret, files, `${at}.txt`, `${at} ${long}`)).id);
  const broken = await upload(secret, files, 'broken.pdf', '%PDF-1.7 and no more');
  for (let chats = 0; chats < 5; chats += 1) await call(secret, 'POST', '/chat/completions', turn);
  const cut = [0, 1, 2].map((at) => ({ key: `cut-${at}`, name: `cut ${at}.txt`, text: `Cut off on its way, number ${at}.` }));
  const coming = cut.map(({ key, name, text }) =>
    upload(secret, files, name, text, { 'idempotency-key': key }).catch(() => undefined),
  );
  await Promise.race(coming);
  await killAll(up);
  await Promise.all([...coming, ...open3.map((rest) => rest().catch(() => undefined))]);
  return {
    tenant,
    secret,
    used: [`/connections/${connection.id}`, `/datasets/${dataset.id}`],
    revokedSecret: gone.secret,
    ready: ready.id,
    kept: { ...kept, id: keptFile.id },
    made: { ...made, id: conversation.id },
    halfWay,
    broken: broken.id,
    cut,
    chats: { completed: 6, interrupted: open3.length },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('Usage: node test/upgrade/fill-release.mjs <folder>');
  mkdirSync(folder, { recursive: true });
  const made = await fillRelease(buildRelease(folder), join(folder, 'data'), 'http://127.0.0.1:9/hook');
  process.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
}
