import type { ApiReply, TestApp } from './app.js';

/** A new token of this role in this tenant. */
export async function tokenOf(app: TestApp, tenant: string, role: 'viewer' | 'manager' | 'owner'): Promise<string> {
  const { status, body } = await app.admin('POST', '/admin-tokens', { tenant, name: `test-${role}`, role });
  if (status !== 201) throw new Error(`The token was not made: ${JSON.stringify(body)}`);
  return body.secret as string;
}

/** True when all replies have one status and one body: who asks cannot tell the objects apart. */
export function areAlike(replies: readonly ApiReply[]): boolean {
  return new Set(replies.map(({ status, body }) => JSON.stringify([status, body]))).size === 1;
}
