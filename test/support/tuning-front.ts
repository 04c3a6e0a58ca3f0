import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sandboxToken, type Sandbox } from './platform.js';

/** What a request is answered instead of by the sandbox; `after` lets the sandbox work first, and then cuts the answer. */
type Fault = { readonly status: number; readonly body?: string } | 'hang' | 'cut' | 'after';

interface Rule {
  readonly asked: RegExp;
  readonly fault: Fault;
  left: number;
}

/** A provider before the sandbox, which fails where it is to and counts what it is asked. */
export interface TuningFront {
  readonly url: string;
  /** Lets the next requests fail whose `METHOD /path` fits. */
  fail(asked: RegExp, fault: Fault, times?: number): void;
  /** Keeps requests that fit waiting, until what this gives is called. */
  hold(asked: RegExp): () => void;
  /** Takes all faults away. */
  heal(): void;
  /** How many requests fitted. */
  count(asked: RegExp): number;
  /** Heads of all requests, as they came. */
  readonly heads: readonly string[];
  close(): Promise<void>;
}

export async function startTuningFront(sandbox: Sandbox): Promise<TuningFront> {
  let rules: Rule[] = [];
  const holds = new Map<RegExp, (() => void)[]>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    asked.push(name);
    const rule = rules.find((one) => one.left > 0 && one.asked.test(name));
    const held = [...holds].find(([pattern]) => pattern.test(name));
    if (held !== undefined) return void held[1].push(() => pass(sandbox, request, response));
    if (rule === undefined) return pass(sandbox, request, response);
    rule.left -= 1;
    answer(rule.fault, sandbox, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    heads: asked,
    fail: (pattern, fault, times = 1) => void rules.push({ asked: pattern, fault, left: times }),
    hold: (pattern) => {
      const waiting: (() => void)[] = [];
      holds.set(pattern, waiting);
      return () => {
        holds.delete(pattern);
        for (const goOn of waiting) goOn();
      };
    },
    heal: () => {
      rules = [];
    },
    count: (pattern) => asked.filter((name) => pattern.test(name)).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(fault: Fault, sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): void {
  if (fault === 'hang') return void request.resume();
  if (fault === 'cut') return void request.socket.destroy();
  if (fault === 'after') return pass(sandbox, request, undefined, () => request.socket.destroy());
  request.resume().once('end', () => {
    const body =
      fault.body ?? JSON.stringify({ error: { message: `No, says org-abc123 at ${sandbox.url}`, type: 'x', code: null } });
    response.writeHead(fault.status, { 'content-type': 'application/json' }).end(body);
  });
}

function pass(sandbox: Sandbox, request: IncomingMessage, response?: ServerResponse, then?: () => void): void {
  const { host: _host, ...headers } = request.headers;
  const { port } = new URL(sandbox.url);
  const onward = httpRequest({ port, host: '127.0.0.1', path: request.url, method: request.method, headers }, (reply) => {
    response?.writeHead(reply.statusCode ?? 500, reply.headers);
    if (response !== undefined) reply.pipe(response);
    else reply.resume().once('end', () => then?.());
  });
  onward.on('error', () => request.socket.destroy());
  request.pipe(onward);
}

/** The jobs that the sandbox has made for a job of the platform. */
export async function jobsAt(
  sandbox: Sandbox,
  jobId: string,
): Promise<readonly { readonly id: string; readonly status: string }[]> {
  const query = new URLSearchParams({ 'metadata[gt_job]': jobId, limit: '100' });
  return listAt(sandbox, `/fine_tuning/jobs?${query}`);
}

/** The training files of the sandbox, with their names. */
export function filesAt(sandbox: Sandbox): Promise<readonly { readonly id: string; readonly filename: string }[]> {
  return listAt(sandbox, '/files?purpose=fine-tune&limit=10000');
}

/** The checkpoints of a job of the sandbox. */
export function checkpointsAt(sandbox: Sandbox, id: string): Promise<readonly unknown[]> {
  return listAt(sandbox, `/fine_tuning/jobs/${id}/checkpoints`);
}

async function listAt<T>(sandbox: Sandbox, path: string): Promise<readonly T[]> {
  const reply = await fetch(`${sandbox.url}/v1${path}`, { headers: { authorization: `Bearer ${sandboxToken}` } });
  return ((await reply.json()) as { data: T[] }).data;
}
