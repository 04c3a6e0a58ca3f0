import { startApp, type ApiReply, type TestApp, type TestAppOptions } from './app.js';
import { tokenOf } from './admin.js';

type Role = 'viewer' | 'manager' | 'owner';

/** Calls the admin plane in one role. */
export type AdminCall = (method: string, path: string, body?: unknown) => Promise<ApiReply>;

/** A platform with the tenants `acme` and `other`, each with a connection `main` and a dataset `handbook`. */
export interface AdminFixture {
  readonly app: TestApp;
  /** Calls in roles of `acme`, and as the owner of `other`. */
  readonly viewer: AdminCall;
  readonly manager: AdminCall;
  readonly owner: AdminCall;
  readonly stranger: AdminCall;
  /** The newest change that was recorded of this object. */
  lastAudit(
    objectId: string,
  ): Promise<
    { readonly action: string; readonly kind: string; readonly actor_role: string; readonly changes: object } | undefined
  >;
  close(): Promise<void>;
}

/** Starts the real API and fills it over its own admin plane. */
export async function startAdminFixture(options: TestAppOptions = {}): Promise<AdminFixture> {
  const app = await startApp(options);
  for (const slug of ['acme', 'other']) await fill(app, slug);
  const as = async (tenant: string, role: Role): Promise<AdminCall> => {
    const token = await tokenOf(app, tenant, role);
    return (method, path, body) => app.admin(method, path, body, token);
  };
  const owner = await as('acme', 'owner');
  return {
    app,
    owner,
    manager: await as('acme', 'manager'),
    viewer: await as('acme', 'viewer'),
    stranger: await as('other', 'owner'),
    lastAudit: async (objectId) => {
      const { body } = await owner('GET', '/audit?limit=100');
      return (body.data as { object_id: string; action: string; kind: string; actor_role: string; changes: object }[]).find(
        (entry) => entry.object_id === objectId,
      );
    },
    close: () => app.close(),
  };
}

async function fill(app: TestApp, slug: string): Promise<void> {
  await expectCreated(app.admin('POST', '/tenants', { slug }));
  await expectCreated(app.admin('POST', '/connections', { tenant: slug, name: 'main', base_url: 'http://127.0.0.1:9/v1' }));
  await expectCreated(
    app.admin('POST', '/datasets', { tenant: slug, alias: 'handbook', embedding: { connection: 'main', model: 'text-embed' } }),
  );
}

/** The object that a creation answers. @throws Error when it was refused: a test must not go on without it. */
export async function expectCreated(reply: Promise<ApiReply>): Promise<ApiReply['body']> {
  const { status, body } = await reply;
  if (status !== 201) throw new Error(`Not created: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Status, code and param of a refusal: what a client decides by. */
export function refusal({ status, body }: ApiReply): [number, string | null | undefined, string | null | undefined] {
  return [status, body.error?.code, body.error?.param];
}
