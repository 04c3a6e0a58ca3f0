import { admin } from 'virtual:facts';
import type { adminRoutes, AdminRouteId } from '../../../src/catalog/admin-routes.js';
import type { z } from 'zod';
import { ApiFault } from './fault.js';
import { readEvents } from './events.js';
import { actingTenant } from './tenant.js';

type Rows = typeof adminRoutes;

export type { AdminRouteId };

/** What a route answers. */
export type Reply<Id extends AdminRouteId> = Rows[Id] extends { readonly response: infer R extends z.ZodType }
  ? z.output<R>
  : never;
/** What a route takes in its query and in its body, before it is read. */
export type Query<Id extends AdminRouteId> = Rows[Id] extends { readonly query: infer Q extends z.ZodType } ? z.input<Q> : never;
export type Body<Id extends AdminRouteId> = Rows[Id] extends { readonly request: infer B extends z.ZodType } ? z.input<B> : never;

/** One item of a list that a route answers. */
export type Item<Id extends AdminRouteId> = Reply<Id> extends { readonly data: readonly (infer T)[] } ? T : never;

export interface CallInput<Id extends AdminRouteId> {
  /** What stands in braces in the path. */
  readonly id?: string;
  readonly query?: Query<Id>;
  readonly body?: Body<Id>;
  /** A multipart form in place of a body. */
  readonly form?: FormData;
  readonly signal?: AbortSignal;
}

/**
 * Calls a route of the admin plane as whoever is signed in. A route and what it takes and answers come from the platform's own table.
 * @throws ApiFault for an answer that is not 2xx, and where none comes; AbortError when `signal` says so.
 */
export async function call<Id extends AdminRouteId>(id: Id, input: CallInput<Id> = {}): Promise<Reply<Id>> {
  const response = await send(id, input, 'application/json');
  return (await response.json()) as Reply<Id>;
}

/** A route whose answer is a file. @throws what `call` throws. */
export async function download<Id extends AdminRouteId>(id: Id, input: CallInput<Id> = {}): Promise<Blob> {
  return (await send(id, input, '*/*')).blob();
}

/**
 * The same for a route that answers in events. Hears each event by its name, until the answer is over.
 * @throws what `call` throws; ApiFault too for an event that is an error.
 */
export async function listen<Id extends AdminRouteId>(
  id: Id,
  input: CallInput<Id>,
  hear: (event: string, data: unknown) => void,
): Promise<void> {
  const response = await send(id, input, 'text/event-stream');
  for await (const { event, data } of readEvents(response)) {
    const value: unknown = JSON.parse(data);
    if (event === 'message' || event === 'error') throw ApiFault.ofEvent(value);
    hear(event, value);
  }
}

/** The address of a route, for links that the browser follows itself. */
export function addressOf<Id extends AdminRouteId>(id: Id, { id: own, query }: Pick<CallInput<Id>, 'id' | 'query'> = {}): string {
  const { path, plane } = admin[id];
  const filled = own === undefined ? path : path.replace(/\{\w+\}/, encodeURIComponent(own));
  const pairs = Object.entries({ ...(plane === 'tenant' ? { tenant: actingTenant() } : {}), ...(query ?? {}) }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return `/api/admin/v1${filled}${text === '' ? '' : `?${text}`}`;
}

async function send<Id extends AdminRouteId>(id: Id, input: CallInput<Id>, accept: string): Promise<Response> {
  const { body, form, signal } = input;
  const response = await fetch(addressOf(id, input), {
    method: admin[id].method,
    headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    credentials: 'same-origin',
    redirect: 'error',
    ...(body === undefined && form === undefined ? {} : { body: form ?? JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted === true ? error : ApiFault.unreachable();
  });
  if (!response.ok) throw await ApiFault.of(response);
  return response;
}
