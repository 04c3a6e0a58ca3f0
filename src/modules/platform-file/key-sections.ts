import { Injectable } from '@nestjs/common';
import type { UpdateKeyRequest } from '../../contracts/keys.js';
import { limitNotices } from '../../contracts/notices.js';
import { KeyBatchService } from '../keys/key-batch.service.js';
import { KeyLifeService } from '../keys/key-life.service.js';
import { KeysService } from '../keys/keys.service.js';
import { PresetsService } from '../keys/presets.service.js';
import { keyForm, presetForm, presetTerms, type KeyEntry } from './file-forms.js';
import type { KeyForm, PresetForm, TenantState } from './forms.js';
import type { Wanted } from './section-plan.js';
import { refuseChange, type Created, type Kept, type Section, type TenantRun } from './tenant-run.js';

type StoredKey = TenantState['keys'][number];

/** The sections of permissions: a tenant's own presets, and keys. Conversation keys come after those that they link. */
@Injectable()
export class KeySections {
  constructor(
    private readonly presetsService: PresetsService,
    private readonly keysService: KeysService,
    private readonly keyBatches: KeyBatchService,
    private readonly keyLife: KeyLifeService,
  ) {}

  presets(run: TenantRun): Section {
    const { tx, actor } = run;
    return run.section({
      section: 'presets',
      kind: 'preset',
      entries: run.entry.presets,
      stored: run.state.presets,
      nameOf: ({ slug }) => slug,
      formOf: presetForm,
      refersToOthers: ({ links }) => links !== null,
      create: async (entry) => {
        const { id } = await this.presetsService.createIn(tx, actor, { ...entry, name: entry.name ?? entry.slug });
        return { id, notices: limitNotices(entry.limits) };
      },
      keep: async ({ changes }, { id }) => {
        refuseChange<PresetForm>(changes, 'purpose', 'preset');
        if (Object.keys(changes).length === 0) return { changed: false };
        const { purpose: _purpose, slug: _slug, scopes, ...rest } = changes;
        const given = { ...rest, ...(scopes === undefined ? {} : { scopes: [...scopes] }) };
        const { changed } = await this.presetsService.updateIn(tx, actor, id, given);
        return { changed, notices: limitNotices(changes.limits ?? {}) };
      },
      remove: ({ id }) => this.presetsService.deleteIn(tx, actor, id),
    });
  }

  keys(run: TenantRun): Section {
    const { tx, actor } = run;
    const presets = [...run.entry.presets.map(presetForm), ...run.state.presets.map(({ form }) => form)];
    return run.section<KeyEntry, KeyForm, StoredKey>({
      section: 'keys',
      kind: 'key',
      entries: run.entry.keys,
      stored: run.state.keys,
      nameOf: ({ name }) => name,
      formOf: (entry) => keyForm(entry, entry.preset === undefined ? undefined : presetTerms(entry.preset, presets)),
      refersToOthers: ({ links }) => links !== null,
      create: (entry) => this.create(run, entry),
      createMany: async (entries, inPlaceOf) => this.keyBatches.createIn(tx, actor, entries, inPlaceOf),
      keep: (wanted, stored) => this.keep(run, wanted, stored),
      remove: ({ id }) => this.keysService.deleteIn(tx, actor, id),
    });
  }

  private async create({ tx, actor }: TenantRun, { state, ...entry }: KeyEntry): Promise<Created> {
    const { key, secret, notices } = await this.keysService.createIn(tx, actor, entry);
    if (state === 'disabled') await this.keyLife.setStateIn(tx, actor, key.row.id, state);
    return { id: key.row.id, secret, notices };
  }

  /** A revoked key stays as it is, whatever the file says: an apply that somebody repeats must not fail on it. */
  private async keep(
    { tx, actor }: TenantRun,
    { entry, changes }: Wanted<KeyEntry, KeyForm, StoredKey>,
    stored: StoredKey,
  ): Promise<Kept> {
    if (stored.state === 'revoked')
      return { changed: false, notices: ['It is revoked, and that is final. Give its successor another name.'] };
    refuseChange(changes, 'preset', 'key');
    refuseChange(changes, 'purpose', 'key');
    const fields =
      Object.keys(changes).length === 0
        ? { changed: false, notices: [] }
        : await this.keysService.updateIn(tx, actor, stored.id, keyChanges(changes));
    const moves = entry.state !== undefined && entry.state !== stored.state;
    const state = moves && (await this.keyLife.setStateIn(tx, actor, stored.id, entry.state ?? stored.state)).changed;
    return { changed: fields.changed || state, notices: fields.notices };
  }
}

function keyChanges(changes: Partial<KeyForm>): UpdateKeyRequest {
  const { preset: _preset, purpose: _purpose, scopes, agents, raw_models, datasets, allowed_ips, links, ...rest } = changes;
  const lists = { scopes, agents, raw_models, datasets, allowed_ips };
  const given = Object.entries(lists).filter(([, list]) => list !== undefined);
  return { ...rest, ...Object.fromEntries(given), ...(links == null ? {} : { links }) };
}
