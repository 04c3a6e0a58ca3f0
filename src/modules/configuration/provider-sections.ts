import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { UpdateConnectionRequest } from '../../contracts/connections.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { refuseProxy } from '../connections/planned-way.js';
import { priceName } from '../../contracts/prices.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { TenantPricesService } from '../prices/tenant-prices.service.js';
import { connectionForm, datasetForm, tenantPriceForm, type ConnectionEntry } from './file-forms.js';
import { headerChanges, newHeadersOf } from './file-headers.js';
import type { ConnectionForm, StoredConnection } from './forms.js';
import type { Wanted } from './section-plan.js';
import { each, type Section, type TenantRun } from './tenant-run.js';

/** The sections that lead to providers: connections, what is paid for their models, and the datasets that embed through them. */
@Injectable()
export class ProviderSections {
  constructor(
    private readonly connectionsService: ConnectionsService,
    private readonly pricesService: TenantPricesService,
    private readonly datasetsService: DatasetsService,
  ) {}

  connections(run: TenantRun): Section {
    const { tx, actor } = run;
    return run.section({
      section: 'connections',
      kind: 'connection',
      entries: run.entry.connections,
      stored: run.state.connections,
      nameOf: ({ name }) => name,
      formOf: connectionForm,
      create: each(async (entry) => {
        run.addresses.ofLogin(entry.auth);
        const { headers, ...rest } = entry;
        const request = { ...rest, headers: newHeadersOf(headers) };
        const { id } = await this.connectionsService.createIn(tx, actor, request, run.addresses.ofProvider(entry.base_url));
        return { id };
      }),
      keep: each(async (wanted) => {
        refuseGuesses(actor, wanted.entry.proxy);
        const changes = connectionChanges(wanted, wanted.stored);
        if (changes === undefined) return { changed: false };
        const baseUrl = changes.base_url === undefined ? undefined : run.addresses.ofProvider(wanted.entry.base_url);
        if (changes.auth !== undefined) run.addresses.ofLogin(wanted.entry.auth);
        await this.connectionsService.updateIn(tx, actor, wanted.stored.id, changes, baseUrl);
        return { changed: true };
      }),
      remove: each(({ id }) => this.connectionsService.deleteIn(tx, actor, id)),
    });
  }

  /** A file that says nothing of prices leaves them to the operators, prune or not. */
  prices(run: TenantRun): Section {
    const { tx, actor, entry, state } = run;
    return run.section({
      section: 'prices',
      kind: 'tenant_price',
      entries: entry.prices ?? [],
      stored: entry.prices === undefined ? [] : state.prices,
      nameOf: priceName,
      formOf: tenantPriceForm,
      create: each((price) => this.pricesService.createIn(tx, actor, price)),
      keep: each(async ({ changes, stored }) => {
        if (Object.keys(changes).length === 0) return { changed: false };
        const { currency, amounts, markup_per_mille } = changes;
        await this.pricesService.updateIn(tx, actor, stored.id, { currency: currency ?? undefined, amounts, markup_per_mille });
        return { changed: true };
      }),
      remove: each(({ id }) => this.pricesService.deleteIn(tx, actor, id)),
    });
  }

  datasets(run: TenantRun): Section {
    const { tx, actor } = run;
    return run.section({
      section: 'datasets',
      kind: 'dataset',
      entries: run.entry.datasets,
      stored: run.state.datasets,
      nameOf: ({ alias }) => alias,
      formOf: datasetForm,
      create: each((entry) => this.datasetsService.createIn(tx, actor, entry)),
      keep: each(async ({ changes, stored }) => {
        if (Object.keys(changes).length === 0) return { changed: false };
        await this.datasetsService.updateIn(tx, actor, stored.id, changes);
        return { changed: true };
      }),
      remove: each(({ id }) => this.datasetsService.deleteIn(tx, actor, id)),
    });
  }
}

/**
 * What to change of a connection; undefined for nothing. Tokens and headers that are given are held against the stored ones,
 * and go along with every change: a new address asks for them.
 */
function connectionChanges(
  { entry, form, changes }: Wanted<ConnectionEntry, ConnectionForm, StoredConnection>,
  stored: StoredConnection,
): UpdateConnectionRequest | undefined {
  const secrets = secretsOf(entry.auth);
  const headers = headerChanges(entry.headers, stored);
  const newProxy = 'proxy' in changes || hasOtherLogin(entry.proxy, stored);
  const isSame = !hasNew(secrets, stored) && !headers.differ && !newProxy;
  if (Object.keys(changes).length === 0 && isSame) return undefined;
  const { auth: newAuth, dropped_fields, headers: _names, proxy: _proxy, ...plain } = changes;
  const auth = Object.keys(secrets).length === 0 ? newAuth : withSecrets(form.auth, secrets);
  return {
    ...plain,
    headers: headers.changes,
    ...(newProxy ? { proxy: entry.proxy } : {}),
    ...(dropped_fields === undefined ? {} : { dropped_fields: [...dropped_fields] }),
    ...(auth === undefined ? {} : { auth }),
  };
}

/**
 * Whether a name and password are the stored ones, an apply tells by what it changes: nobody but operators may ask.
 * @throws AppError insufficient_role.
 */
function refuseGuesses({ role }: Actor, proxy: ConnectionEntry['proxy']): void {
  if (proxy?.username != null) refuseProxy(role, proxy);
}

/** Whether an entry says another name or password of its proxy than the stored ones. */
function hasOtherLogin(proxy: ConnectionEntry['proxy'], stored: StoredConnection): boolean {
  if (proxy?.username === undefined) return false;
  const { username, password = '' } = proxy;
  return !stored.hasProxyLogin(username === null ? null : { username, password });
}

/** The secrets that an entry gives: tokens, or the client secret of a login. */
interface GivenSecrets {
  readonly secret?: string;
  readonly further?: string[];
}

function secretsOf(auth: ConnectionEntry['auth']): GivenSecrets {
  if (auth.mode === 'none') return {};
  const secret = auth.mode === 'header_token' ? auth.token : (auth.client_secret ?? undefined);
  const further = auth.mode === 'header_token' && auth.further_tokens !== undefined ? (auth.further_tokens ?? []) : undefined;
  return { ...(secret === undefined ? {} : { secret }), ...(further === undefined ? {} : { further }) };
}

function hasNew({ secret, further }: GivenSecrets, stored: StoredConnection): boolean {
  return (secret !== undefined && !stored.hasToken(secret)) || (further !== undefined && !stored.hasFurtherTokens(further));
}

function withSecrets(auth: ConnectionForm['auth'], { secret, further }: GivenSecrets): UpdateConnectionRequest['auth'] {
  if (auth.mode === 'none') return auth;
  if (auth.mode === 'oauth') return { ...auth, client_secret: secret };
  return { ...auth, token: secret, further_tokens: further };
}
