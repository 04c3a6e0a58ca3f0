import type { LimitsPatch } from '../../contracts/key-limits.js';
import { limitNotices } from '../../contracts/notices.js';
import type { PresetObject } from '../../contracts/presets.js';
import { secondsOrNull } from '../../contracts/times.js';
import type { PresetRecord } from '../../modules/keys/presets.repository.js';
import { presentNotices } from './notices.presenter.js';

/** A preset, a tenant's own or a built-in one. */
export function presentPreset(preset: PresetRecord): PresetObject {
  return {
    object: 'preset',
    id: preset.id,
    slug: preset.slug,
    name: preset.name,
    purpose: preset.purpose,
    scopes: [...preset.scopes],
    limits: preset.limits,
    links: preset.links === null ? null : { inference: preset.links.inference, upload: preset.links.upload },
    built_in: preset.createdAt === null,
    created_at: secondsOrNull(preset.createdAt),
  };
}

/** The same after a creation or change, with what of the given limits has no effect. */
export function presentChangedPreset(preset: PresetRecord, limits: LimitsPatch = {}): PresetObject {
  return { ...presentPreset(preset), ...presentNotices(limitNotices(limits)) };
}
