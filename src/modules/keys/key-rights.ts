import { Injectable } from '@nestjs/common';
import { decide } from '../../catalog/decide.js';
import { routeRow, type RouteId } from '../../catalog/routes.js';
import { AppError } from '../../kernel/app-error.js';
import { KeyDirectory } from './key-directory.js';
import type { Identity } from './key-facts.js';

/** A key for which a worker makes a call. */
export interface WorkingKey {
  readonly tenantId: string;
  readonly keyId: string;
  /** From where the call was asked for. */
  readonly ip: string;
}

/** Judges keys for which workers make calls, by the guard's own decision, as things are now. */
@Injectable()
export class KeyRights {
  constructor(private readonly keys: KeyDirectory) {}

  /**
   * The key, read now. @throws AppError why it may not make a call of this route any more.
   */
  async read(key: WorkingKey, routeId: RouteId): Promise<Identity> {
    return judged(key, routeId, await this.keys.findKey(key.tenantId, key.keyId));
  }

  /** The same by this process's memory, which knows of changes as soon as the guard does: for many calls of one key. */
  async recall(key: WorkingKey, routeId: RouteId): Promise<Identity> {
    return judged(key, routeId, await this.keys.recall(key.tenantId, key.keyId));
  }

  /** The same where memory is warm, never waits; undefined says nothing. @throws AppError. */
  recallNow(key: WorkingKey, routeId: RouteId): Identity | undefined {
    const identity = this.keys.recallNow(key.tenantId, key.keyId);
    return identity && judged(key, routeId, identity);
  }
}

function judged({ ip }: WorkingKey, routeId: RouteId, identity: Identity | undefined): Identity {
  if (identity === undefined) throw new AppError('invalid_api_key', { message: 'This API key was deleted.' });
  const { key, tenant } = identity;
  const refused = decide({ key, tenant, row: routeRow(routeId), ip, hostTenantId: undefined, nowMs: Date.now() });
  if (refused === undefined) return identity;
  const { code, ...options } = refused;
  throw new AppError(code, options);
}
