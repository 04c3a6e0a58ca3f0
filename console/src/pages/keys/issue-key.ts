import { useState } from 'react';
import type { Body, Reply } from '../../api/call.js';
import { call } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { fieldsOf, newLink, type NewKeyDraft, type Preset, type Start } from './key-draft.js';

interface Issued {
  readonly key: Reply<'keys.create'>;
  /** What is worth knowing about it. */
  readonly notes: readonly string[];
}

/** Makes a key, before it the keys that it links, and behind it its budget. */
export function useIssue(start: Start, presets: readonly Preset[]) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [issued, setIssued] = useState<Issued | null>(null);
  const create = useChange('keys.create', { also: ['key-activity', 'key-report'] });
  const issue = async (draft: NewKeyDraft) => {
    setBusy(true);
    setError(null);
    const made: string[] = [];
    try {
      const make = async (body: Body<'keys.create'>) => {
        const key = await create.mutateAsync({ body });
        made.push(key.id);
        return key;
      };
      const own = bodyOf(start, draft);
      const key = await make(start.purpose === 'conversation' ? await withLinks(own, start, draft, presets, make) : own);
      setIssued({ key, notes: [...(key.notices ?? []), ...(await addBudget(draft, key.id))] });
    } catch (fault) {
      // What was made for a key that was then refused is taken back.
      for (const id of made) await call('keys.delete', { id }).catch(() => undefined);
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, issued, issue };
}

function bodyOf({ preset, purpose }: Start, draft: NewKeyDraft): Body<'keys.create'> {
  const { limits, ...fields } = fieldsOf(draft);
  const set = Object.entries(limits).filter(([, value]) => value !== null);
  return { ...fields, ...(preset === null ? { purpose } : { preset: preset.slug }), limits: Object.fromEntries(set) };
}

/** A conversation key names no models and no datasets itself: the keys that it links do. */
async function withLinks(
  body: Body<'keys.create'>,
  { preset }: Start,
  draft: NewKeyDraft,
  presets: readonly Preset[],
  make: (body: Body<'keys.create'>) => Promise<Reply<'keys.create'>>,
): Promise<Body<'keys.create'>> {
  const { agents = [], raw_models = [], datasets = [], prompt_policy = null, expires_at, allowed_ips, ...own } = body;
  const common = { expires_at: expires_at ?? null, allowed_ips: allowed_ips ?? [] };
  const linked = async (link: string, slug: string | null | undefined, fields: Partial<Body<'keys.create'>>) => {
    const wanted = presets.find((one) => one.slug === slug);
    if (link !== newLink || wanted === undefined) return link === '' || link === newLink ? null : link;
    return (await make({ ...common, ...fields, name: `${own.name}-${wanted.purpose}`, preset: wanted.slug })).id;
  };
  const inference = await linked(draft.inference, preset?.links?.inference, { agents, raw_models, prompt_policy });
  const upload = await linked(draft.upload, preset?.links?.upload, { datasets });
  return { ...own, ...common, ...(inference === null ? {} : { links: { inference, upload } }) };
}

/** @returns what went wrong with it: the key is there all the same, and its secret is shown. */
async function addBudget(draft: NewKeyDraft, key: string): Promise<string[]> {
  if (draft.budget.trim() === '') return [];
  const currency = draft.budget_currency.trim().toUpperCase();
  const isTokens = ['TOKENS', 'TOKEN', ''].includes(currency);
  const amount = Math.round(Number(draft.budget) * (isTokens ? 1 : 1_000_000));
  try {
    const body = { key, window: draft.budget_window, currency: isTokens ? null : currency, amount };
    return (await call('budgets.create', { body })).notices ?? [];
  } catch (fault) {
    return [`The key has no budget: ${fault instanceof Error ? fault.message : 'it was refused.'}`];
  }
}
