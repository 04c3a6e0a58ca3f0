import type { OwnKeyObject } from '../../../contracts/keys.js';
import type { RouteId } from '../../../catalog/routes.js';
import type { AdminView } from './admin-view.js';
import { call, type Call, type Line, type Reply } from './http-call.js';

/** What is asked of the doctor. */
export interface Wish {
  readonly baseUrl: string;
  readonly key: string;
  readonly model?: string | undefined;
  readonly routes: readonly RouteId[];
  readonly prompt: string;
}

/** Data plane and key, once the platform has been found; what the probes learn stays here. */
export class Visit {
  /** What the key says of itself. */
  own: OwnKeyObject | undefined;
  /** Answers to calls that need no provider, by which the way is measured. */
  readonly quick: Reply[] = [];

  constructor(
    readonly line: Line,
    readonly baseUrl: string,
    readonly wish: Wish,
    /** Null without an admin token that is of use. */
    public admin: AdminView | null,
  ) {}

  /** Calls a route with the key. @throws what `call` throws. */
  send(path: string, given: Omit<Call, 'url'> = {}): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.wish.key}`, ...given.headers };
    return call(this.line, { ...given, url: this.baseUrl + path, headers });
  }

  /** Posts JSON. @throws what `call` throws. */
  post(path: string, body: object, given: Omit<Call, 'url' | 'body'> = {}): Promise<Reply> {
    const headers = { 'content-type': 'application/json', ...given.headers };
    return this.send(path, { ...given, method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** True when the key can call the row, as far as it has told. */
  reaches(route: RouteId): boolean {
    return this.own?.routes.includes(route) === true;
  }
}
