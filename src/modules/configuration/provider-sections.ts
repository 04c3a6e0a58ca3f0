import { Injectable } from '@nestjs/common';
import type { UpdateConnectionRequest } from '../../contracts/connections.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { connectionForm, datasetForm, type ConnectionEntry } from './file-forms.js';
import { headerChanges, newHeadersOf } from './file-headers.js';
import type { ConnectionForm, StoredConnection } from './forms.js';
import type { Wanted } from './section-plan.js';
import { each, type Section, type TenantRun } from './tenant-run.js';

/** The sections that lead to providers: connections, and the datasets that embed through them. */
@Injectable()
export class ProviderSections {
  constructor(
    private readonly connectionsService: ConnectionsService,
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
 * What to change of a connection; undefined for nothing. A token and headers that are given are held against the stored
 * ones, and go along with every change: a new address asks for them.
 */
function connectionChanges(
  { entry, form, changes }: Wanted<ConnectionEntry, ConnectionForm, StoredConnection>,
  stored: StoredConnection,
): UpdateConnectionRequest | undefined {
  const token = secretOf(entry.auth);
  const newToken = token !== undefined && !stored.hasToken(token);
  const headers = headerChanges(entry.headers, stored);
  if (Object.keys(changes).length === 0 && !newToken && !headers.differ) return undefined;
  const { auth: newAuth, dropped_fields, headers: _names, ...plain } = changes;
  const auth = token === undefined ? newAuth : withSecret(form.auth, token);
  return {
    ...plain,
    headers: headers.changes,
    ...(dropped_fields === undefined ? {} : { dropped_fields: [...dropped_fields] }),
    ...(auth === undefined ? {} : { auth }),
  };
}

/** The secret that an entry gives: a token, or the client secret of a login. */
function secretOf(auth: ConnectionEntry['auth']): string | undefined {
  if (auth.mode === 'header_token') return auth.token;
  return auth.mode === 'oauth' ? (auth.client_secret ?? undefined) : undefined;
}

function withSecret(auth: ConnectionForm['auth'], secret: string): UpdateConnectionRequest['auth'] {
  if (auth.mode === 'header_token') return { ...auth, token: secret };
  return auth.mode === 'oauth' ? { ...auth, client_secret: secret } : auth;
}
