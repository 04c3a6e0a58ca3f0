import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load-config.js';
import { startApi, type RunningApi } from '../../src/api/start-api.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { faultsOfAnswer } from './answer-faults.js';
import { createTestDatabase, runFolder } from './postgres.js';

/** Tests make far more wrong keys than people do. */
export const testSettings = {
  GT_HOST: '127.0.0.1',
  GT_PORT: '0',
  GT_SECRET_KEYS: 'test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  GT_ALLOW_PRIVATE_UPSTREAMS: '127.0.0.0/8',
  GT_AUTH_FAILURES_PER_MINUTE: '1000000',
  GT_LOG_LEVEL: 'silent',
  GT_DATABASE_POOL: '4',
  GT_SHUTDOWN_DELAY_MS: '0',
} as const;

/** A running platform of a test: the real API in this process, on a database of its own. */
export interface TestApp {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** With `/api/tenant/v1`. */
  readonly baseUrl: string;
  /** With `/api/admin/v1`. */
  readonly adminUrl: string;
  readonly databaseUrl: string;
  readonly operatorToken: string;
  readonly running: RunningApi;
  /** Calls the admin plane; `token` is the operator's unless another is given. */
  admin(method: string, path: string, body?: unknown, token?: string): Promise<ApiReply>;
  close(): Promise<void>;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a reply is judged by the test
  readonly body: any;
}

export interface TestAppOptions {
  /** Settings that differ from the test's own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A database that is there already, e.g. for a second process on it. */
  readonly databaseUrl?: string;
}

/** A database with all migrations, a copy of the run's template. */
export function createMigratedDatabase(): ReturnType<typeof createTestDatabase> {
  return createTestDatabase({ template: { name: 'migrated', prepare: async (url) => void (await migrate(url)) } });
}

/** Starts the real API on a free port and a fresh database; `close` ends both. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl === undefined ? await createMigratedDatabase() : undefined;
  const databaseUrl = database?.url ?? options.databaseUrl ?? '';
  const config = loadConfig({
    ...testSettings,
    DATABASE_URL: databaseUrl,
    GT_DATA_DIR: mkdtempSync(join(runFolder(), 'data-')),
    ...options.settings,
  });
  const running = await startApi(config);
  const operatorToken = await createOperatorToken(databaseUrl, 'test');
  const adminUrl = `${running.url}/api/admin/v1`;
  return {
    url: running.url,
    baseUrl: `${running.url}/api/tenant/v1`,
    adminUrl,
    databaseUrl,
    operatorToken,
    running,
    admin: async (method, path, body, token = operatorToken) =>
      asDescribed(method, path, await call(adminUrl + path, method, token, body)),
    close: async () => {
      await running.close();
      await database?.drop();
    },
  };
}

/** @throws Error when an answer is not as the documents say. */
function asDescribed(method: string, path: string, reply: ApiReply): ApiReply {
  const faults = reply.status < 300 ? faultsOfAnswer('admin', method, path, reply.body) : [];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return reply;
}

/** One JSON call with a bearer token. */
export async function call(url: string, method: string, token: string | undefined, body?: unknown): Promise<ApiReply> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}
