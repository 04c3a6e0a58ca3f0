import type { Reply } from '../../api/call.js';
import { Button } from '../../ui/button.js';
import { Field, Select } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import type { StartSearch } from './choose-start.js';
import type { Preset, Start } from './key-draft.js';

interface StartProps {
  readonly start: Start;
  readonly product: Reply<'runbooks.get'> | null;
  readonly presets: readonly Preset[];
  readonly onChoose: (start: StartSearch) => void;
}

/** What was chosen, and what fits the product too. */
export function StartPanel({ start, product, presets, onChoose }: StartProps) {
  const { preset, purpose } = start;
  const alternatives = product?.alternatives ?? [];
  const slugs = [product?.preset ?? null, ...alternatives.map((one) => one.preset)].filter((slug) => slug !== null);
  const chosen = alternatives.find((one) => one.preset === preset?.slug);
  const nameOf = (slug: string) => presets.find((one) => one.slug === slug)?.name ?? slug;
  return (
    <Panel>
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1">
          <p className="text-xs text-muted">{product === null ? 'Preset' : product.category}</p>
          <p className="font-semibold">{product?.name ?? preset?.name ?? `A key for ${purpose}, without a preset`}</p>
          {product !== null && <p className="text-sm text-muted">{product.summary}</p>}
        </div>
        <Button onClick={() => onChoose({})}>Change</Button>
      </div>
      {product !== null && slugs.length > 1 && (
        <Field label="Preset" className="mt-3 max-w-md" hint={chosen?.when ?? 'The narrowest for this product.'}>
          {(own) => (
            <Select
              {...own}
              value={preset?.slug ?? ''}
              onChange={(event) => onChoose({ runbook: product.id, preset: event.target.value })}
            >
              {[...new Set(slugs)].map((slug) => (
                <option key={slug} value={slug}>
                  {nameOf(slug)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </Panel>
  );
}
