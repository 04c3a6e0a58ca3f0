import { Injectable } from '@nestjs/common';
import type { KeyLimits } from '../../contracts/key-limits.js';
import type { KeyState } from '../../contracts/keys.js';
import type { PromptPolicy } from '../../contracts/prompt-policy.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import type { Purpose, Scope } from '../../contracts/scopes.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import { Prisma, type Key, type KeyExercise } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { identityOf, type Identity } from './key-facts.js';
import { selectKeyRecords, type KeyRecord } from './key-record.js';
import { readKeyRows, rowInclude, type KeyRow } from './key-row.js';

/** Lists of a key that may be set. */
type KeyLists = 'agents' | 'rawModels' | 'datasets' | 'allowedIps' | 'approval';

/** What may be set on a key, in the forms of the contract. */
export interface KeyFields
  extends
    Readonly<Pick<Key, 'name' | 'keepAlive' | 'websocket' | 'expiresAt' | 'inferenceKeyId' | 'uploadKeyId'>>,
    Readonly<Record<KeyLists, readonly string[]>> {
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly promptPolicy: PromptPolicy | null;
}

/** A key that is to be made. */
export interface NewKey extends KeyFields {
  readonly purpose: Purpose;
  readonly preset: string | null;
  readonly state: 'active' | 'disabled';
}

export interface KeyFilter {
  readonly name?: string | undefined;
  readonly search?: string | undefined;
  readonly purpose?: string | undefined;
  readonly preset?: string | undefined;
  readonly state?: KeyState | undefined;
  readonly last_four?: string | undefined;
}

/** Keys of a tenant, and what they grant at this moment. Their secrets stand in key-secrets.repository.ts. */
@Injectable()
export class KeysRepository {
  list(tx: Transaction, tenantId: string, filter: KeyFilter, query: ListQuery): Promise<RowPage<KeyRow>> {
    return readPage<KeyRow>(query, {
      find: (id) => tx.key.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
      list: ({ where, orderBy, take }) =>
        tx.key.findMany({
          where: { tenantId, AND: [where, conditions(filter, new Date())] },
          orderBy,
          take,
          include: rowInclude,
        }),
    });
  }

  /** The key of this id or, when no key has it as its id, of this name. */
  async find(tx: Transaction, tenantId: string, idOrName: string): Promise<KeyRow | undefined> {
    return (await this.findNamed(tx, tenantId, [idOrName])).get(idOrName);
  }

  /** The keys of these ids or names, by what names them; an id wins. */
  async findNamed(tx: Transaction, tenantId: string, idsOrNames: readonly string[]): Promise<ReadonlyMap<string, KeyRow>> {
    if (idsOrNames.length === 0) return new Map();
    const named = [...idsOrNames];
    const rows = await readKeyRows(tx, tenantId, Prisma.sql`(k.id = any(${named}) or k.name = any(${named}))`);
    return new Map([...rows.map((row) => [row.name, row] as const), ...rows.map((row) => [row.id, row] as const)]);
  }

  /**
   * Makes every other change of the key of this id or name wait until the transaction ends.
   * @returns its id; undefined when there is none.
   */
  async lock(tx: Transaction, tenantId: string, idOrName: string): Promise<string | undefined> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from keys where tenant_id = ${tenantId}
         and id = (select id from keys where tenant_id = ${tenantId} and (id = ${idOrName} or name = ${idOrName})
                    order by (id = ${idOrName}) desc limit 1)
         for update`;
    return rows[0]?.id;
  }

  async create(
    tx: Transaction,
    tenantId: string,
    given: KeyFields & { readonly purpose: Purpose; readonly preset: string | null },
  ): Promise<string> {
    const { purpose, preset } = given;
    const { id } = await tx.key.create({
      data: { tenantId, id: newId('key'), purpose, preset, ...columns(given) },
      select: { id: true },
    });
    return id;
  }

  async update(tx: Transaction, tenantId: string, id: string, given: KeyFields): Promise<void> {
    await tx.key.update({ where: { tenantId_id: { tenantId, id } }, data: columns(given) });
  }

  async setState(tx: Transaction, tenantId: string, id: string, state: 'active' | 'disabled' | 'revoked'): Promise<void> {
    await tx.$executeRaw`
      update keys set state = ${state}, updated_at = clock_timestamp() where tenant_id = ${tenantId} and id = ${id}`;
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.key.deleteMany({ where: { tenantId, id } });
  }

  /** Names of the keys that link this one, at most ten. */
  async linkingKeys(tx: Transaction, tenantId: string, id: string): Promise<string[]> {
    const where = { tenantId, OR: [{ inferenceKeyId: id }, { uploadKeyId: id }] };
    return (await tx.key.findMany({ where, select: { name: true }, orderBy: { name: 'asc' }, take: 10 })).map(({ name }) => name);
  }

  /** What the keys grant now, by id: read and computed as for the guard. */
  async identities(tx: Transaction, tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
    const rows = await tx.$queryRawUnsafe<KeyRecord[]>(
      `${selectKeyRecords} where k.tenant_id = $1 and k.id = any($2::text[])`,
      tenantId,
      ids,
    );
    return new Map(rows.map((row) => [row.key.id, identityOf(row, Date.now())]));
  }

  /** What the keys really used, each thing that was used at this moment or later. */
  async exercise(tx: Transaction, tenantId: string, keyIds: readonly string[], since: Date | undefined): Promise<KeyExercise[]> {
    return tx.keyExercise.findMany({
      where: { tenantId, keyId: { in: [...keyIds] }, ...(since === undefined ? {} : { lastAt: { gte: since } }) },
      orderBy: [{ kind: 'asc' }, { value: 'asc' }],
    });
  }

  /** The keys that link this one, by their names. */
  async linking(tx: Transaction, tenantId: string, id: string): Promise<KeyRow[]> {
    const rows = await readKeyRows(tx, tenantId, Prisma.sql`(k.inference_key_id = ${id} or k.upload_key_id = ${id})`);
    return rows.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async setScopes(tx: Transaction, tenantId: string, id: string, scopes: readonly Scope[]): Promise<void> {
    await tx.key.update({ where: { tenantId_id: { tenantId, id } }, data: { scopes: [...scopes] } });
  }

  async datasets(tx: Transaction, tenantId: string): Promise<{ id: string; alias: string }[]> {
    return tx.dataset.findMany({ where: { tenantId, kind: 'dataset' }, select: { id: true, alias: true } });
  }
}

/** `expired` is no state of the row: an active key of which the time has passed. */
function conditions({ state, name, search, purpose, preset, last_four: lastFour }: KeyFilter, now: Date): Prisma.KeyWhereInput {
  const named = [
    ...(name === undefined ? [] : [{ name }]),
    ...(search === undefined ? [] : [{ name: { contains: literally(search), mode: 'insensitive' as const } }]),
  ];
  const equal = {
    ...(named.length === 0 ? {} : { AND: named }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(preset === undefined ? {} : { preset }),
    ...(lastFour === undefined ? {} : { secrets: { some: { lastFour } } }),
  };
  if (state === undefined) return equal;
  if (state === 'expired') return { ...equal, state: 'active', expiresAt: { lte: now } };
  if (state === 'active') return { ...equal, state, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  return { ...equal, state };
}

/** A text in a pattern of LIKE, where it means itself. */
const literally = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

function columns(given: KeyFields) {
  const { name, limits, keepAlive, websocket, expiresAt, inferenceKeyId, uploadKeyId } = given;
  return {
    name,
    limits,
    keepAlive,
    websocket,
    expiresAt,
    inferenceKeyId,
    uploadKeyId,
    scopes: [...given.scopes],
    agents: [...given.agents],
    rawModels: [...given.rawModels],
    datasets: [...given.datasets],
    allowedIps: [...given.allowedIps],
    approval: [...given.approval],
    promptPolicy: given.promptPolicy ?? Prisma.DbNull,
  };
}
