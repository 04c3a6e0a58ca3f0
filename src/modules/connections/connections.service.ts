import { Injectable } from '@nestjs/common';
import type { CreateConnectionRequest, ListConnectionsQuery, UpdateConnectionRequest } from '../../contracts/connections.js';
import type { RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { SealError } from '../../platform/secrets/key-ring.js';
import { EgressPolicy } from '../../platform/upstream/egress-policy.js';
import { AuditWriter } from '../audit/audit-writer.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { auditedChange, auditedConnection, auditedSettings } from './audited-connection.js';
import type { ConnectionRecord } from './connection-record.js';
import { ConnectionSecrets } from './connection-secrets.js';
import { changedSettings, forgetsBatch, newSettings, type ConnectionSettings } from './connection-settings.js';
import { ConnectionWays } from './connection-ways.js';
import { ConnectionUsesRepository } from './connection-uses.repository.js';
import { ConnectionsRepository, type ConnectionValues } from './connections.repository.js';
import { nothingLearned } from './learned-batch.js';
import { LoginAddresses } from './login/login-addresses.js';
import { LoginWrites } from './login/login-writes.js';
import { refuseProxy } from './planned-way.js';
import type { HeaderPlan } from './planned-headers.js';
import { refuseWhileUsed } from './uses.js';

/** A tenant's links to providers. Addresses are judged when they are saved; secrets go in and never come out. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: ConnectionsRepository,
    private readonly uses: ConnectionUsesRepository,
    private readonly secrets: ConnectionSecrets,
    private readonly policy: EgressPolicy,
    private readonly audit: AuditWriter,
    private readonly logins: LoginWrites,
    private readonly loginAddresses: LoginAddresses,
    private readonly ways: ConnectionWays,
  ) {}

  async list(actor: Actor, query: ListConnectionsQuery): Promise<RowPage<ConnectionRecord>> {
    return this.database.run(actor.tenantId, (transaction) => this.repository.list(transaction, actor.tenantId, query));
  }

  /** @throws AppError not_found. */
  async get(actor: Actor, id: string): Promise<ConnectionRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.getIn(transaction, actor, id));
  }

  async getIn(transaction: Transaction, actor: Actor, id: string): Promise<ConnectionRecord> {
    return found(await this.repository.find(transaction, actor.tenantId, id));
  }

  /**
   * @throws AppError invalid_value for an address that may not be called, conflict for a name that is taken,
   * insufficient_role for a proxy that is not an operator's.
   */
  async create(actor: Actor, input: CreateConnectionRequest): Promise<ConnectionRecord> {
    refuseProxy(actor.role, input.proxy ?? undefined);
    const baseUrl = await this.judgeAddress(input.base_url);
    await this.judgeLogin(input.auth);
    return this.database.run(actor.tenantId, (transaction) => this.createIn(transaction, actor, input, baseUrl));
  }

  /**
   * Judges an address that a connection is to have, and gives it in the form to save. It may ask the name service, and so
   * is called before a transaction, never in one. @throws AppError invalid_value.
   */
  judgeAddress(baseUrl: string): Promise<URL> {
    return this.policy.judgeUrl(baseUrl);
  }

  /** Judges the addresses of a login, before a transaction as well. @throws AppError invalid_value. */
  judgeLogin(auth: CreateConnectionRequest['auth'] | undefined): Promise<void> {
    return this.loginAddresses.judgeAuth(auth);
  }

  /** @param baseUrl the judged address of `input`; those of its login are judged too. */
  async createIn(
    transaction: Transaction,
    actor: Actor,
    input: CreateConnectionRequest,
    baseUrl: URL,
  ): Promise<ConnectionRecord> {
    refuseProxy(actor.role, input.proxy ?? undefined);
    const settings = newSettings(input, baseUrl);
    const id = newId('connection');
    const values = this.valuesOf(actor.tenantId, id, settings, null);
    const connection = await writing('connection', () => this.repository.insert(transaction, actor.tenantId, id, values));
    const entry = { action: 'create', kind: 'connection', objectId: id, changes: auditedSettings(settings) };
    await this.audit.record(transaction, actor, entry);
    return this.withLogin(transaction, connection, settings);
  }

  /**
   * @throws AppError not_found; invalid_value for an address that may not be called; missing_required_parameter when the
   * stored token or headers would go to another host; conflict for a name that is taken, or an old one that agents name;
   * insufficient_role for a proxy that is given or taken away by anybody but an operator.
   */
  async update(actor: Actor, id: string, input: UpdateConnectionRequest): Promise<ConnectionRecord> {
    refuseProxy(actor.role, input.proxy);
    const baseUrl = input.base_url === undefined ? undefined : await this.judgeAddress(input.base_url);
    await this.judgeLogin(input.auth);
    return this.database.run(actor.tenantId, (transaction) => this.updateIn(transaction, actor, id, input, baseUrl));
  }

  /** @param baseUrl the judged address of `input`, if it has one. */
  async updateIn(
    transaction: Transaction,
    actor: Actor,
    id: string,
    input: UpdateConnectionRequest,
    baseUrl: URL | undefined,
  ): Promise<ConnectionRecord> {
    refuseProxy(actor.role, input.proxy);
    const before = found(await this.repository.lock(transaction, actor.tenantId, id));
    const settings = changedSettings(before, input, baseUrl);
    if (settings.name !== before.name) {
      refuseWhileUsed("The connection's name", await this.uses.ofName(transaction, actor.tenantId, before));
    }
    const learned = forgetsBatch(before, input, settings) ? nothingLearned : {};
    const values = { ...this.valuesOf(actor.tenantId, id, settings, before), ...learned };
    const connection = await writing('connection', () => this.repository.update(transaction, actor.tenantId, id, values));
    const entry = { action: 'update', kind: 'connection', objectId: id, ...auditedChange(before, settings) };
    await this.audit.record(transaction, actor, entry);
    return this.withLogin(transaction, connection, settings);
  }

  /** @throws AppError not_found, conflict while endpoints, datasets or published agents use it. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.database.run(actor.tenantId, (transaction) => this.deleteIn(transaction, actor, id));
  }

  async deleteIn(transaction: Transaction, actor: Actor, id: string): Promise<void> {
    const connection = found(await this.repository.lock(transaction, actor.tenantId, id));
    refuseWhileUsed('The connection', await this.uses.ofConnection(transaction, actor.tenantId, id));
    await deleting('connection', () => this.repository.delete(transaction, actor.tenantId, id));
    const said = { changes: { name: connection.name }, before: auditedConnection(connection) };
    await this.audit.record(transaction, actor, { action: 'delete', kind: 'connection', objectId: id, ...said });
  }

  /** The connection when its login is as its settings say. */
  private async withLogin(
    transaction: Transaction,
    connection: ConnectionRecord,
    { login }: ConnectionSettings,
  ): Promise<ConnectionRecord> {
    const { tenantId, id } = connection;
    if (login === null && connection.login === null) return connection;
    await this.logins.write(transaction, { tenantId, id }, login, connection.login !== null);
    return found(await this.repository.find(transaction, tenantId, id));
  }

  private valuesOf(
    tenantId: string,
    id: string,
    settings: ConnectionSettings,
    before: ConnectionRecord | null,
  ): ConnectionValues {
    const { token, furtherTokens, login: _login, headers, way, ...columns } = settings;
    const stored = before?.secret ?? null;
    const kept = stored === null ? null : new Uint8Array(stored);
    return {
      ...columns,
      secret: token === undefined ? kept : token === null ? null : this.secrets.seal(tenantId, id, token),
      headers: this.sealedHeaders({ tenantId, id, baseUrl: settings.baseUrl }, headers, before),
      headerNames: [...headers.names],
      ...this.sealedTokens({ tenantId, id, baseUrl: settings.baseUrl }, furtherTokens, before),
      ...this.ways.columnsOf({ tenantId, id }, way, before),
    };
  }

  private sealedTokens(
    owner: Parameters<ConnectionSecrets['sealFurtherTokens']>[0],
    tokens: readonly string[] | undefined,
    before: ConnectionRecord | null,
  ): Pick<ConnectionValues, 'furtherTokens' | 'furtherTokenCount'> {
    if (tokens === undefined && before?.furtherTokens != null)
      return { furtherTokens: new Uint8Array(before.furtherTokens), furtherTokenCount: before.furtherTokenCount };
    if (tokens === undefined || tokens.length === 0) return { furtherTokens: null, furtherTokenCount: 0 };
    return { furtherTokens: this.secrets.sealFurtherTokens(owner, tokens), furtherTokenCount: tokens.length };
  }

  /** @throws AppError missing_required_parameter when stored values that are to stay cannot be opened. */
  private sealedHeaders(
    owner: Parameters<ConnectionSecrets['sealHeaders']>[0],
    { names, given, kept }: HeaderPlan,
    before: ConnectionRecord | null,
  ): Uint8Array<ArrayBuffer> | null {
    if (names.length === 0) return null;
    if (before?.headers != null && given.size === 0 && kept.length === before.headerNames.length)
      return new Uint8Array(before.headers);
    const stored = kept.length === 0 || before === null ? {} : this.openedHeaders(before);
    return this.secrets.sealHeaders(owner, new Map([...kept.map((name) => [name, stored[name] ?? ''] as const), ...given]));
  }

  private openedHeaders(connection: ConnectionRecord): Record<string, string> {
    try {
      return this.secrets.openHeaders(connection);
    } catch (cause) {
      if (!(cause instanceof SealError)) throw cause;
      const message = 'The stored headers cannot be opened with GT_SECRET_KEYS. Give them all again in headers.';
      throw new AppError('missing_required_parameter', { param: 'headers', message, cause });
    }
  }
}

function found(connection: ConnectionRecord | null): ConnectionRecord {
  if (connection === null) throw new AppError('not_found');
  return connection;
}
