import { useMemo, useState } from 'react';
import { routes } from 'virtual:facts';
import { Badge } from '../../ui/badge.js';
import { Check } from '../../ui/field.js';
import { grouped } from './grouped.js';

type Route = (typeof routes)[number];

/** A route is open to every key, or to those that hold one of its scopes. */
export const isOpen = ({ scopes }: Route, held: ReadonlySet<string>): boolean =>
  scopes === 'any' || scopes.some((scope) => held.has(scope));

const methodTones = { GET: 'info', POST: 'good', PATCH: 'warn', DELETE: 'bad' } as const;

export const MethodBadge = ({ method }: { readonly method: string }) => (
  <Badge tone={methodTones[method as keyof typeof methodTones]} className="w-14 justify-center font-mono">
    {method}
  </Badge>
);

/** The routes of the API that a key with these scopes may call, as the scopes are chosen. */
export function OpenRoutes({ scopes }: { readonly scopes: readonly string[] }) {
  const [showsAll, showAll] = useState(false);
  const held = useMemo(() => new Set(scopes), [scopes]);
  const open = routes.filter((route) => isOpen(route, held));
  const groups = grouped(showsAll ? routes : open, ({ group }) => group);
  return (
    <div className="flex flex-col gap-3">
      <p aria-live="polite" className="text-sm">
        <strong>{open.length}</strong> of {routes.length} routes are open.
      </p>
      <div className="flex max-h-[60dvh] flex-col gap-3 overflow-y-auto pr-1" tabIndex={0} role="region" aria-label="Routes">
        {groups.map(([group, own]) => (
          <section key={group}>
            <h3 className="mb-1 text-xs font-medium text-muted">{group.replaceAll('_', ' ')}</h3>
            <ul className="flex flex-col gap-1">
              {own.map((route) => (
                <RouteLine key={route.id} route={route} open={isOpen(route, held)} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      <Check label="Show closed routes too" checked={showsAll} onChange={(event) => showAll(event.target.checked)} />
    </div>
  );
}

const RouteLine = ({ route, open }: { readonly route: Route; readonly open: boolean }) => (
  <li className="flex items-start gap-2" title={route.summary}>
    {open ? <MethodBadge method={route.method} /> : <Badge className="w-14 justify-center">closed</Badge>}
    <code className={`min-w-0 text-xs leading-5 break-all ${open ? '' : 'text-muted line-through'}`}>{route.path}</code>
  </li>
);
