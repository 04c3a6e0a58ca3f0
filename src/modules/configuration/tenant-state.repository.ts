import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { agentSpec, unsaidOfAgents } from '../../contracts/agent-spec.js';
import { connectionHabits } from '../../contracts/connection-habits.js';
import { connectionLimits } from '../../contracts/connection-limits.js';
import { loginSettings } from '../../contracts/connection-logins.js';
import { connectionOptions } from '../../contracts/connections.js';
import { oauthPlace, tokenPlace } from '../../contracts/wires.js';
import { endpointLimits, keyLimits } from '../../contracts/key-limits.js';
import { isTunedName } from '../../contracts/names.js';
import { promptPolicy } from '../../contracts/prompt-policy.js';
import { modalities, type Purpose } from '../../contracts/scopes.js';
import { secondsOrNull } from '../../contracts/times.js';
import { mapInSlices } from '../../kernel/breather.js';
import type { ConnectionLogin, Key } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { SealError } from '../../platform/secrets/key-ring.js';
import { BudgetsRepository } from '../budgets/budgets.repository.js';
import { ConnectionSecrets, type SealedConnection } from '../connections/connection-secrets.js';
import { ConnectionWays } from '../connections/connection-ways.js';
import { LoginSecrets } from '../connections/login/login-secrets.js';
import type { ProxyLogin } from '../connections/planned-way.js';
import { tenantPriceRecord } from '../prices/price-record.js';
import { linksForm, sorted, sortedScopes } from './file-forms.js';
import type { ConnectionForm, KeyForm, TenantState } from './forms.js';

/** Keys are read so many at a time. */
const keysAtOnce = 250;

const oldestFirst = [{ createdAt: 'asc' }, { id: 'asc' }] as const;

/** Reads all that a tenant has of what a file can hold, in one go: the whole is what an apply compares. */
@Injectable()
export class TenantStateRepository {
  constructor(
    private readonly secrets: ConnectionSecrets,
    private readonly loginSecrets: LoginSecrets,
    private readonly ways: ConnectionWays,
    private readonly budgets: BudgetsRepository,
  ) {}

  async read(tx: Transaction, tenantId: string): Promise<TenantState> {
    return {
      connections: await this.connections(tx, tenantId),
      prices: await this.prices(tx, tenantId),
      datasets: await this.datasets(tx, tenantId),
      presets: await this.presets(tx, tenantId),
      agents: await this.agents(tx, tenantId),
      endpoints: await this.endpoints(tx, tenantId),
      keys: await this.keys(tx, tenantId),
      budgets: await this.budgetsOf(tx, tenantId),
    };
  }

  private async connections(tx: Transaction, tenantId: string): Promise<TenantState['connections']> {
    const rows = await tx.connection.findMany({ where: { tenantId }, orderBy: [...oldestFirst], include: { login: true } });
    return rows.map((row) => {
      const { paths, dropped_fields, api_version = null, ...options } = connectionOptions.parse(row.options);
      const form = {
        name: row.name,
        base_url: row.baseUrl,
        wire: row.wire as ConnectionForm['wire'],
        auth: authOf(row, options),
        paths,
        api_version,
        dropped_fields: sorted(dropped_fields),
        habits: connectionHabits.parse(row.habits),
        headers: row.headerNames,
        limits: connectionLimits.parse(row.limits),
        embedding_batch_size: row.embeddingBatchSize,
        proxy: row.proxyUrl === null ? null : { url: row.proxyUrl },
        ca: row.ca,
        fine_tuning: row.fineTuning as ConnectionForm['fine_tuning'],
        publish_fine_tuned: row.publishFineTuned,
      };
      return {
        id: row.id,
        form,
        hasToken: (token: string) => isOpenedAs(() => this.secretOf(row), token),
        hasFurtherTokens: (tokens: readonly string[]) => isOpenedAs(() => this.secrets.openFurtherTokens(row), tokens),
        hasHeaders: (given: ReadonlyMap<string, string>) =>
          isOpenedAs(() => new Map(Object.entries(this.secrets.openHeaders(row))), given),
        hasProxyLogin: (login: ProxyLogin | null) => isOpenedAs(() => this.ways.openLogin(row), login),
      };
    });
  }

  private secretOf(row: SealedConnection & { readonly login: ConnectionLogin | null }): string | null {
    const { login } = row;
    if (row.authMode === 'oauth' && login !== null) return this.loginSecrets.openSecret(login, login.clientSecret);
    return this.secrets.open(row);
  }

  private async prices(tx: Transaction, tenantId: string): Promise<TenantState['prices']> {
    const rows = await tx.tenantPrice.findMany({
      where: { tenantId },
      orderBy: [...oldestFirst],
      include: { connection: { select: { name: true } } },
    });
    return rows.map((row) => {
      const { id, connection, model, validFrom, currency, amounts, markupPerMille } = tenantPriceRecord(row);
      const form = { connection, model, valid_from: secondsOrNull(validFrom), currency, amounts };
      return { id, form: { ...form, markup_per_mille: markupPerMille } };
    });
  }

  private async datasets(tx: Transaction, tenantId: string): Promise<TenantState['datasets']> {
    const rows = await tx.dataset.findMany({
      where: { tenantId, kind: 'dataset' },
      orderBy: [...oldestFirst],
      include: { connection: { select: { name: true } } },
    });
    return rows.map((row) => ({
      id: row.id,
      form: {
        alias: row.alias,
        name: row.name,
        embedding: { connection: row.connection.name, model: row.model },
        chunk_tokens: row.chunkTokens,
        overlap_tokens: row.overlapTokens,
        hidden_sheets: row.hiddenSheets,
        ocr_languages: row.ocrLanguages,
      },
    }));
  }

  private async presets(tx: Transaction, tenantId: string): Promise<TenantState['presets']> {
    const rows = await tx.preset.findMany({ where: { tenantId }, orderBy: [...oldestFirst] });
    return rows.map((row) => ({
      id: row.id,
      form: {
        slug: row.slug,
        name: row.name,
        purpose: row.purpose as Purpose,
        scopes: sortedScopes(row.scopes),
        limits: keyLimits.parse(row.limits),
        links: linksForm(row.links as { inference: string; upload: string | null } | null),
      },
    }));
  }

  private async agents(tx: Transaction, tenantId: string): Promise<TenantState['agents']> {
    const rows = await tx.agent.findMany({ where: { tenantId }, orderBy: [...oldestFirst] });
    return rows.map((row) => ({
      id: row.id,
      form: { name: row.name, ...unsaidOfAgents, ...agentSpec.parse(row.spec) },
    }));
  }

  private async endpoints(tx: Transaction, tenantId: string): Promise<TenantState['endpoints']> {
    // Fine-tuned models come and go with their jobs: no file makes them, and none takes them away.
    const rows = await tx.endpoint.findMany({
      where: { tenantId, NOT: { name: { startsWith: 'ft:' } } },
      orderBy: [...oldestFirst],
      include: { connection: { select: { name: true } }, revision: { select: { agent: { select: { name: true } } } } },
    });
    return rows.map((row) => {
      const served = modalities.filter((modality) => row.modalities.includes(modality));
      const raw =
        row.connection === null ? null : { connection: row.connection.name, model: row.model ?? '', modalities: served };
      return {
        id: row.id,
        form: {
          name: row.name,
          agent: row.revision?.agent.name ?? null,
          raw_model: raw,
          default: row.isDefault,
          limits: endpointLimits.parse(row.limits),
        },
      };
    });
  }

  private async keys(tx: Transaction, tenantId: string): Promise<TenantState['keys']> {
    const rows = await allKeys(tx, tenantId);
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    const nameOf = (id: string | null): string | null => (id === null ? null : (names.get(id) ?? null));
    return mapInSlices(rows, (row) => {
      const inference = nameOf(row.inferenceKeyId);
      return {
        id: row.id,
        state: row.state as 'active' | 'disabled' | 'revoked',
        form: {
          name: row.name,
          preset: row.preset,
          purpose: row.purpose as Purpose,
          scopes: sortedScopes(row.scopes),
          agents: sorted(row.agents),
          raw_models: sorted(row.rawModels),
          datasets: sorted(row.datasets),
          limits: keyLimits.parse(row.limits),
          expires_at: secondsOrNull(row.expiresAt),
          allowed_ips: sorted(row.allowedIps),
          links: inference === null ? null : { inference, upload: nameOf(row.uploadKeyId) },
          prompt_policy: row.promptPolicy === null ? null : promptPolicy.parse(row.promptPolicy),
          keep_alive: row.keepAlive as KeyForm['keep_alive'],
          websocket: row.websocket,
          approval: sorted(row.approval),
        },
      };
    });
  }

  private async budgetsOf(tx: Transaction, tenantId: string): Promise<TenantState['budgets']> {
    const all = await this.budgets.all(tx, tenantId);
    return all
      .filter(({ endpoint }) => endpoint === null || !isTunedName(endpoint))
      .map(({ id, key, softPercent, createdAt: _createdAt, ...budget }) => ({
        id,
        form: { ...budget, key: key?.name ?? null, soft_percent: softPercent },
        isOfRevokedKey: key?.state === 'revoked',
      }));
  }
}

/** What does not open is as good as not there, like a secret. */
function isOpenedAs<T>(open: () => T, expected: T): boolean {
  try {
    return isDeepStrictEqual(open(), expected);
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

function authOf(
  { authMode, wire, login }: { readonly authMode: string; readonly wire: string; readonly login: ConnectionLogin | null },
  said: Parameters<typeof tokenPlace>[1],
): ConnectionForm['auth'] {
  if (authMode === 'none') return { mode: 'none' };
  if (authMode !== 'oauth' || login === null) return { mode: 'header_token', ...tokenPlace(wire, said) };
  return { mode: 'oauth', ...loginSettings.parse(login.settings), ...oauthPlace(said) };
}

/** All keys, the oldest first. They may be thousands: Prisma makes objects of a few at a time, others are served in between. */
async function allKeys(tx: Transaction, tenantId: string): Promise<Key[]> {
  const keys: Key[] = [];
  for (;;) {
    const last = keys.at(-1)?.id;
    const beyond = last === undefined ? {} : { id: { gt: last } };
    const page = await tx.key.findMany({ where: { tenantId, ...beyond }, orderBy: { id: 'asc' }, take: keysAtOnce });
    keys.push(...page);
    if (page.length < keysAtOnce) break;
  }
  return keys.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1));
}
