import { builtInPreset } from './presets.js';

type Body = Readonly<Record<string, unknown>>;

/** A key as `POST /keys` takes it, and the keys that are made before it because it links them. */
export interface KeyBodies {
  /** Of a key without links, all that was given. */
  readonly own: Body;
  /** Named after the key that links them. Null for a key without links. */
  readonly linked: { readonly inference: Body; readonly upload: Body } | null;
}

/**
 * Parts what is wanted of a key of a built-in preset where that links keys: names that may be called belong to the key for
 * inference, datasets to the one for uploads, an end and addresses to all of them.
 */
export function keyBodies(wanted: Body): KeyBodies {
  const links = builtInPreset(String(wanted['preset']))?.links ?? null;
  if (links === null) return { own: wanted, linked: null };
  const { agents, raw_models, datasets, prompt_policy, ...own } = wanted;
  const { expires_at, allowed_ips } = own;
  const body = (preset: string, purpose: string, fields: Body): Body => ({
    ...withoutAbsent({ expires_at, allowed_ips, ...fields }),
    name: `${String(wanted['name'])}-${purpose}`,
    preset,
  });
  return {
    own,
    linked: {
      inference: body(links.inference, 'inference', { agents, raw_models, prompt_policy }),
      upload: body(links.upload, 'upload', { datasets }),
    },
  };
}

function withoutAbsent(fields: Body): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
