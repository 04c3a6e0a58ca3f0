import { Injectable } from '@nestjs/common';
import type { UpdateKeyRequest } from '../../contracts/keys.js';
import { limitNotices } from '../../contracts/notices.js';
import { KeyBatchService, type BatchKeyChange } from '../keys/key-batch.service.js';
import { PresetsService } from '../keys/presets.service.js';
import { keyForm, presetForm, presetTerms, type KeyEntry } from './file-forms.js';
import type { KeyForm, PresetForm, TenantState } from './forms.js';
import { each, refuseChange, type InPlaceOf, type Kept, type Present, type Section, type TenantRun } from './tenant-run.js';

type StoredKey = TenantState['keys'][number];
type PresentKey = Present<KeyEntry, KeyForm, StoredKey>;

/** The sections of permissions: a tenant's own presets, and keys. Conversation keys come after those that they link. */
@Injectable()
export class KeySections {
  constructor(
    private readonly presetsService: PresetsService,
    private readonly batches: KeyBatchService,
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
      create: each(async (entry) => {
        const { id } = await this.presetsService.createIn(tx, actor, { ...entry, name: entry.name ?? entry.slug });
        return { id, notices: limitNotices(entry.limits) };
      }),
      keep: each(async ({ changes, stored: { id } }) => {
        refuseChange<PresetForm>(changes, 'purpose', 'preset');
        if (Object.keys(changes).length === 0) return { changed: false };
        const { purpose: _purpose, slug: _slug, scopes, ...rest } = changes;
        const given = { ...rest, ...(scopes === undefined ? {} : { scopes: [...scopes] }) };
        const { changed } = await this.presetsService.updateIn(tx, actor, id, given);
        return { changed, notices: limitNotices(changes.limits ?? {}) };
      }),
      remove: each(({ id }) => this.presetsService.deleteIn(tx, actor, id)),
    });
  }

  /** They may be thousands, so a few statements make, change or remove many at once. */
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
      inAnyOrder: true,
      create: (entries, inPlaceOf) => this.batches.createIn(tx, actor, entries, inPlaceOf),
      keep: (present, inPlaceOf) => this.keep(run, present, inPlaceOf),
      remove: async (rows, inPlaceOf) => {
        const ids = rows.map(({ id }) => id);
        await this.batches.deleteIn(tx, actor, ids, inPlaceOf);
        return ids;
      },
    });
  }

  private async keep({ tx, actor }: TenantRun, present: readonly PresentKey[], inPlaceOf: InPlaceOf): Promise<Kept[]> {
    const kept = present.map((item, at): Kept | BatchKeyChange => inPlaceOf(at, () => outcomeOf(item)));
    const changes = kept.flatMap((one, at) => ('input' in one ? [{ change: one, at }] : []));
    if (changes.length === 0) return kept.filter(isKept);
    const changed = await this.batches.changeIn(
      tx,
      actor,
      changes.map(({ change }) => change),
      (n, work) => inPlaceOf(changes[n]?.at ?? n, work),
    );
    const outcomes = new Map(changes.map(({ change }, n) => [change.id, changed[n]]));
    return kept.map((one) => (isKept(one) ? one : (outcomes.get(one.id) ?? { changed: false })));
  }
}

function isKept(one: Kept | BatchKeyChange): one is Kept {
  return !('input' in one);
}

/**
 * What to change of a key, or what is to be said of it as it is. A revoked key stays so, whatever the file says: an apply
 * that somebody repeats must not fail on it.
 */
function outcomeOf({ entry, changes, stored }: PresentKey): Kept | BatchKeyChange {
  if (stored.state === 'revoked')
    return { changed: false, notices: ['It is revoked, and that is final. Give its successor another name.'] };
  refuseChange(changes, 'preset', 'key');
  refuseChange(changes, 'purpose', 'key');
  const state = entry.state === stored.state ? undefined : entry.state;
  if (Object.keys(changes).length === 0 && state === undefined) return { changed: false };
  return { id: stored.id, input: keyChanges(changes), state };
}

function keyChanges(changes: Partial<KeyForm>): UpdateKeyRequest {
  const {
    preset: _preset,
    purpose: _purpose,
    scopes,
    agents,
    raw_models,
    datasets,
    allowed_ips,
    approval,
    links,
    ...rest
  } = changes;
  const lists = { scopes, agents, raw_models, datasets, allowed_ips, approval };
  const given = Object.entries(lists).filter(([, list]) => list !== undefined);
  return { ...rest, ...Object.fromEntries(given), ...(links == null ? {} : { links }) };
}
