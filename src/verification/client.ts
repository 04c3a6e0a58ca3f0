import { setTimeout as pause } from 'node:timers/promises';
import { clientUrl } from '../catalog/runbooks/client-url.js';
import type { ClientHabits } from '../catalog/runbooks/client-habits.js';
import { routeRow, type RouteId } from '../catalog/routes.js';
import type { CallBudget } from './call-budget.js';
import { exchange, type Exchange } from './exchange.js';
import { retryWaitMs } from './retry-habit.js';

/** What a client is given in its settings. */
export interface ClientSetup {
  readonly habits: ClientHabits;
  /** What stands in its setting for the base URL; of two settings, both put together. */
  readonly configured: string;
  /** The route of which `configured` is the address, where the product takes the address of one route. */
  readonly configuredRoute: RouteId | undefined;
  readonly key: string;
}

/** One call of a route. */
export interface ClientCall {
  readonly route: RouteId;
  /** For the braces of the route's path. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly json?: object;
  readonly form?: FormData;
}

const longestMs = 120_000;

/** A stand-in for a product: it calls as the data of the product's runbook says, and in no other way. */
export class EmulatedClient {
  constructor(
    readonly setup: ClientSetup,
    private readonly budget: CallBudget,
    private readonly signal?: AbortSignal,
  ) {}

  /** The address that the client makes for a route. */
  addressOf({ route, parameters = {}, query = '' }: ClientCall): string {
    return clientAddress(this.setup, route, parameters) + query;
  }

  /** Calls as often as the client does until an answer is one that it keeps. @throws BudgetSpentError */
  async call(call: ClientCall): Promise<Exchange> {
    const { habits, key } = this.setup;
    const { header, value } = habits.auth;
    const headers = {
      ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...habits.headers,
      [header]: value.replaceAll('{{api_key}}', key),
    };
    for (let tries = 0; ; tries += 1) {
      this.budget.take();
      const given = await exchange({
        method: routeRow(call.route).method,
        url: this.addressOf(call),
        headers,
        body: call.form ?? (call.json === undefined ? undefined : JSON.stringify(call.json)),
        timeoutMs: Math.min(habits.timeoutSeconds * 1_000, longestMs),
        signal: this.signal,
      });
      const waitMs = retryWaitMs(habits.retry, given, tries);
      if (waitMs === undefined) return given;
      await pause(waitMs, undefined, { signal: this.signal });
    }
  }
}

/**
 * The address that a client makes of its setting. A product that takes the address of one route is given another one in the
 * same way for each further route.
 */
export function clientAddress(
  { habits, configured, configuredRoute }: Omit<ClientSetup, 'key'>,
  route: RouteId,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const path = routeRow(route).path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(parameters[name] ?? name));
  if (habits.joins !== 'as_is' && habits.joins !== 'host_and_path') return clientUrl(habits.joins, configured, path);
  const own = configuredRoute === undefined ? undefined : routeRow(configuredRoute).path;
  const isOther = own !== undefined && configuredRoute !== route && configured.endsWith(own);
  return isOther ? configured.slice(0, -own.length) + path : clientUrl(habits.joins, configured, path);
}
