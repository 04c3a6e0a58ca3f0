import { Injectable } from '@nestjs/common';
import type { LimitStateObject } from '../../contracts/limit-report.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { PublishedEndpoint } from '../agents/published-endpoint.js';
import { UploadLimits, type UploadState } from '../files/intake/upload-limits.js';
import type { Identity } from '../keys/key-facts.js';
import type { CallLimit, LimitKind } from '../limits/call-limit.js';
import type { LimitState } from '../limits/lease.js';
import { CallLimiter } from '../limits/call-limiter.js';

const limitNames: Readonly<Record<LimitKind, LimitStateObject['limit']>> = {
  requests: 'requests_per_minute',
  tokens: 'tokens_per_minute',
  parallel: 'parallel_requests',
};

/** How the owners of a key's limits are called. */
interface Names {
  readonly key: string;
  readonly keys: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
  readonly tenant: string;
}

/** What is left of the limits that the calls and uploads of a key count against. */
@Injectable()
export class LimitReportService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly uploads: UploadLimits,
    private readonly limiter: CallLimiter,
  ) {}

  /**
   * Asks the store of the limits; gives what this process knows where that is away.
   * @param callable what the key may call.
   */
  async of(identity: Identity, callable: readonly PublishedEndpoint[]): Promise<LimitStateObject[]> {
    const { key, tenant, callLimits, linkedKeyIds } = identity;
    const states = await this.limiter.look([...callLimits, ...callable.flatMap((endpoint) => endpoint.callLimits)]);
    return this.database.run(key.tenantId, async (tx) => {
      const names: Names = {
        key: key.id,
        keys: await keyNames(tx, key.tenantId, [key.id, ...linkedKeyIds]),
        endpoints: new Map(callable.flatMap(({ name, callLimits: own }) => own.map(({ id }) => [id, name] as const))),
        tenant: tenant.slug,
      };
      const uploads = await this.uploads.states(tx, { tenantId: key.tenantId, keyId: key.id, linkedKeyIds });
      return [...states.map((state) => ofCalls(state, names)), ...uploads.flatMap((state) => ofUploads(state, names))];
    });
  }
}

async function keyNames(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.key.findMany({ where: { tenantId, id: { in: [...ids] } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function ofCalls({ limit, left, fullInMs }: LimitState<CallLimit>, names: Names): LimitStateObject {
  const { kind, most } = limit;
  return {
    limit: limitNames[kind],
    ...ownerOf(limit, names),
    most,
    left,
    full_in_seconds: kind === 'parallel' ? null : fullInMs / 1000,
  };
}

function ownerOf({ id, owner, ownerId }: CallLimit, names: Names): Pick<LimitStateObject, 'of' | 'name'> {
  if (owner === 'endpoint') return { of: owner, name: names.endpoints.get(id) ?? ownerId };
  return owner === 'key' ? keyOwner(ownerId, names) : { of: owner, name: names.tenant };
}

function keyOwner(id: string, names: Names): Pick<LimitStateObject, 'of' | 'name'> {
  return { of: id === names.key ? 'key' : 'linked_key', name: names.keys.get(id) ?? id };
}

function ofUploads({ subject, uploads, bytes, freeInSeconds }: UploadState, names: Names): LimitStateObject[] {
  const owner = subject.keyId === null ? { of: subject.owner, name: names.tenant } : keyOwner(subject.keyId, names);
  const { uploadsPerDay, storedBytes } = subject;
  const left = (most: number, taken: number): number => Math.max(0, most - taken);
  return [
    ...(uploadsPerDay === null
      ? []
      : [
          {
            limit: 'uploads_per_day' as const,
            ...owner,
            most: uploadsPerDay,
            left: left(uploadsPerDay, uploads),
            full_in_seconds: freeInSeconds,
          },
        ]),
    ...(storedBytes === null
      ? []
      : [
          {
            limit: 'stored_bytes' as const,
            ...owner,
            most: storedBytes,
            left: left(storedBytes, Number(bytes)),
            full_in_seconds: null,
          },
        ]),
  ];
}
