import { Fragment } from 'react';
import { routes, scopes as allScopes } from 'virtual:facts';
import { Button } from '../../ui/button.js';
import { classes } from '../../ui/classes.js';
import { grouped } from './grouped.js';

type Scope = (typeof allScopes)[number];

const resources = grouped(allScopes, (scope) => scope.split(':')[0] ?? '');
const titleOf = (scope: Scope) => {
  const own = routes.filter(({ scopes }) => scopes !== 'any' && scopes.includes(scope));
  return own.length === 0
    ? 'Lets a call choose more than its route says.'
    : own.map(({ method, path }) => `${method} ${path}`).join('\n');
};

interface MatrixProps {
  readonly value: readonly Scope[];
  /** Those that may be chosen: the preset's, or those of the purpose. */
  readonly offered: readonly Scope[];
  readonly onChange: (value: Scope[]) => void;
}

/** The rights of a key, one row for each kind of thing. What may not be chosen is shown, but cannot be ticked. */
export function ScopeMatrix({ value, offered, onChange }: MatrixProps) {
  const held = new Set(value);
  const set = (some: readonly Scope[], on: boolean) => {
    const next = new Set(value);
    for (const scope of some)
      if (on) next.add(scope);
      else next.delete(scope);
    onChange(allScopes.filter((scope) => next.has(scope)));
  };
  const shown = resources.filter(([, own]) => own.some((scope) => offered.includes(scope) || held.has(scope)));
  return (
    <div className="grid grid-cols-1 gap-y-1 sm:grid-cols-[9rem_1fr]">
      {shown.map(([resource, own]) => {
        const possible = own.filter((scope) => offered.includes(scope));
        const isWhole = possible.every((scope) => held.has(scope));
        return (
          <Fragment key={resource}>
            <div className="flex items-center justify-between gap-2 pt-2 sm:pt-0">
              <span className="text-sm font-medium">{resource.replaceAll('_', ' ')}</span>
              {possible.length > 1 && (
                <Button
                  look="quiet"
                  className="h-7 px-2 text-xs"
                  aria-label={`${isWhole ? 'None' : 'All'} of ${resource}`}
                  onClick={() => set(possible, !isWhole)}
                >
                  {isWhole ? 'None' : 'All'}
                </Button>
              )}
            </div>
            <div className="flex flex-wrap gap-1.5 py-1" role="group" aria-label={resource}>
              {own.map((scope) => (
                <ScopeChip
                  key={scope}
                  scope={scope}
                  on={held.has(scope)}
                  disabled={!offered.includes(scope) && !held.has(scope)}
                  onToggle={(on) => set([scope], on)}
                />
              ))}
            </div>
          </Fragment>
        );
      })}
    </div>
  );
}

interface ChipProps {
  readonly scope: Scope;
  readonly on: boolean;
  readonly disabled: boolean;
  readonly onToggle: (on: boolean) => void;
}

const ScopeChip = ({ scope, on, disabled, onToggle }: ChipProps) => (
  <label
    title={disabled ? 'The preset does not have it.' : titleOf(scope)}
    className={classes(
      'flex h-8 items-center gap-1.5 rounded-md border px-2.5 text-sm',
      on ? 'border-accent bg-accent-soft text-accent-text' : 'border-line-strong',
      disabled ? 'cursor-not-allowed border-dashed text-muted' : 'cursor-pointer hover:bg-sunken',
    )}
  >
    <input
      type="checkbox"
      className="size-3.5 accent-accent"
      aria-label={scope}
      checked={on}
      disabled={disabled}
      onChange={(event) => onToggle(event.target.checked)}
    />
    {scope.split(':')[1]}
  </label>
);
