import { startSandbox } from '../../src/sandbox/server.js';
import { credentialHash, newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import type { Scope } from '../../src/contracts/scopes.js';
import { builtInPreset } from '../../src/catalog/presets.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { startApp, testSettings, type TestApp, type TestAppOptions } from './app.js';

export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

export const sandboxToken = 'sandbox-secret-token-4242';

export interface SeededTenant {
  readonly id: string;
  readonly slug: string;
  readonly connectionId: string;
}

export interface KeyOptions {
  readonly preset?: string;
  readonly scopes?: readonly Scope[];
  readonly purpose?: string;
  readonly agents?: readonly string[];
  readonly rawModels?: readonly string[];
  readonly state?: string;
  readonly expiresAt?: Date;
  readonly allowedIps?: readonly string[];
  readonly promptPolicy?: object;
  readonly keepAlive?: string;
  readonly limits?: object;
  readonly inferenceKeyId?: string;
  readonly uploadKeyId?: string;
}

export interface SeededKey {
  readonly id: string;
  readonly secret: string;
}

/** Puts real rows into the database, faster than the admin plane and with states that it would not make. */
export class Factory {
  private readonly connections: ConnectionPool;
  private readonly database: PlatformDatabase;

  constructor(databaseUrl: string) {
    this.connections = new ConnectionPool({ DATABASE_URL: databaseUrl, GT_DATABASE_POOL: 2 });
    this.database = new PlatformDatabase(this.connections);
  }

  /** A tenant with a connection to the provider without a breaker (tests make it fail often), an agent published as `assistant` (the default) and a raw model `raw-chat`. */
  async tenant(slug: string, providerUrl: string, agent: object = {}): Promise<SeededTenant> {
    const id = newId('tenant');
    const connectionId = newId('connection');
    const secret = new KeyRing([testSettings.GT_SECRET_KEYS]).seal(sandboxToken, { tenantId: id, recordId: connectionId });
    await this.database.run(async (tx) => {
      await tx.tenant.create({ data: { id, slug, name: slug } });
      await tx.connection.create({
        data: {
          tenantId: id,
          id: connectionId,
          name: 'main',
          baseUrl: providerUrl,
          authMode: 'header_token',
          secret: new Uint8Array(secret),
          limits: { breaker: null },
        },
      });
    });
    await this.alias({ id, slug, connectionId }, 'assistant', agent, true);
    await this.rawModel({ id, slug, connectionId }, 'raw-chat', 'sandbox-chat');
    return { id, slug, connectionId };
  }

  /** From now on the tenant's provider speaks this: `chat` or `responses` alone; it may be another one. */
  async wire(tenant: SeededTenant, wire: string, baseUrl?: string): Promise<void> {
    const data = { wire, ...(baseUrl === undefined ? {} : { baseUrl }) };
    await this.database.run((tx) => tx.connection.updateMany({ where: { tenantId: tenant.id }, data }));
  }

  async alias(tenant: SeededTenant, name: string, agent: object = {}, isDefault = false): Promise<void> {
    const models = {
      chat: { connection: tenant.connectionId, model: 'sandbox-chat' },
      embed: { connection: tenant.connectionId, model: 'sandbox-embed' },
    };
    const spec = { models, ...agent };
    const ids = { tenantId: tenant.id, agentId: newId('agent'), revisionId: newId('revision') };
    await this.database.run(async (tx) => {
      await tx.agent.create({ data: { tenantId: ids.tenantId, id: ids.agentId, name, spec } });
      await tx.agentRevision.create({
        data: { tenantId: ids.tenantId, id: ids.revisionId, agentId: ids.agentId, number: 1, spec },
      });
      await tx.endpoint.create({
        data: { tenantId: ids.tenantId, id: newId('endpoint'), name, kind: 'agent_alias', revisionId: ids.revisionId, isDefault },
      });
    });
  }

  async rawModel(tenant: SeededTenant, name: string, model: string, modalities: string[] = []): Promise<void> {
    await this.database.run((tx) =>
      tx.endpoint.create({
        data: {
          tenantId: tenant.id,
          id: newId('endpoint'),
          name,
          kind: 'raw_model',
          connectionId: tenant.connectionId,
          model,
          modalities,
        },
      }),
    );
  }

  async key(tenant: SeededTenant, options: KeyOptions = {}): Promise<SeededKey> {
    const preset = options.preset ?? (options.scopes === undefined ? 'platform-automation' : null);
    const row = preset === null ? undefined : builtInPreset(preset);
    const id = newId('key');
    const secret = newCredential('gtak_');
    await this.database.run(async (tx) => {
      await tx.key.create({
        data: {
          tenantId: tenant.id,
          id,
          name: id,
          purpose: options.purpose ?? row?.purpose ?? 'inference',
          preset,
          scopes: [...(options.scopes ?? row?.scopes ?? [])],
          agents: [...(options.agents ?? ['*'])],
          rawModels: [...(options.rawModels ?? ['*'])],
          state: options.state ?? 'active',
          expiresAt: options.expiresAt ?? null,
          allowedIps: [...(options.allowedIps ?? [])],
          ...(options.promptPolicy === undefined ? {} : { promptPolicy: options.promptPolicy }),
          keepAlive: options.keepAlive ?? 'comment',
          limits: options.limits ?? {},
          inferenceKeyId: options.inferenceKeyId ?? null,
          uploadKeyId: options.uploadKeyId ?? null,
        },
      });
      await tx.keySecret.create({
        data: {
          tenantId: tenant.id,
          id: newId('keySecret'),
          keyId: id,
          hash: credentialHash(secret),
          lastFour: secret.slice(-4),
        },
      });
    });
    return { id, secret };
  }

  /** Any change in plain rows, as the platform. */
  run: PlatformDatabase['run'] = (work) => this.database.run(work);

  async close(): Promise<void> {
    await this.connections.close();
  }
}

/** The API, a sandbox provider and one tenant `acme` on it. */
export interface TestPlatform {
  readonly app: TestApp;
  readonly sandbox: Sandbox;
  readonly factory: Factory;
  readonly acme: SeededTenant;
  close(): Promise<void>;
}

/** Starts all that an inference test needs. */
export async function startPlatform(options: TestAppOptions & { readonly agent?: object } = {}): Promise<TestPlatform> {
  const sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  const app = await startApp(options);
  const factory = new Factory(app.databaseUrl);
  const acme = await factory.tenant('acme', `${sandbox.url}/v1`, options.agent);
  return {
    app,
    sandbox,
    factory,
    acme,
    close: async () => {
      await factory.close();
      await app.close();
      await sandbox.close();
    },
  };
}
