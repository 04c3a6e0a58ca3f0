import { CircleCheck, CircleX, Search } from 'lucide-react';
import { useState } from 'react';
import { routes } from 'virtual:facts';
import type { Reply } from '../../api/call.js';
import { useCall, useChange } from '../../api/queries.js';
import { Badge } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Command } from '../../ui/copy.js';
import { Field, Input, Select } from '../../ui/field.js';
import { Panel } from '../../ui/panel.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';
import type { KeyObject } from './key-draft.js';

const paths = [...new Set(routes.map(({ path }) => path))];
const optional = (name: string, value: string) => (value.trim() === '' ? {} : { [name]: value.trim() });

/** Asks whether a call would be allowed, and shows each check on the way. Nothing is called. */
export function KeyExplain({ of: key }: { readonly of: KeyObject }) {
  const endpoints = useCall('endpoints.list', { query: { limit: 100 } });
  const [asked, setAsked] = useState({ method: 'POST', path: '/chat/completions', model: '', dataset: '', ip: '' });
  const explain = useChange('keys.explain');
  const set = (part: Partial<typeof asked>) => setAsked((before) => ({ ...before, ...part }));
  const { method, path, model, dataset, ip } = asked;
  const body = { method, path, ...optional('model', model), ...optional('dataset', dataset), ...optional('ip', ip) };
  const command = Object.entries(body)
    .map(([name, value]) => ` --${name} ${value}`)
    .join('');
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
      <Panel title="A call that it might make">
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            explain.mutate({ id: key.id, body });
          }}
        >
          <div className="flex gap-3">
            <Field label="Method" className="w-28">
              {(own) => (
                <Select {...own} value={method} onChange={(event) => set({ method: event.target.value })}>
                  {['GET', 'POST', 'PATCH', 'DELETE'].map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label="Path" className="min-w-0 flex-1" fault={faultOf(explain.error, 'path')}>
              {(own) => (
                <Input
                  {...own}
                  required
                  list="explained-paths"
                  spellCheck={false}
                  value={path}
                  onChange={(event) => set({ path: event.target.value })}
                />
              )}
            </Field>
          </div>
          <datalist id="explained-paths">
            {paths.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <Field label="Model" hint="What the call names; empty: none." fault={faultOf(explain.error, 'model')}>
            {(own) => (
              <Input
                {...own}
                list="explained-models"
                spellCheck={false}
                value={model}
                onChange={(event) => set({ model: event.target.value })}
              />
            )}
          </Field>
          <datalist id="explained-models">
            {endpoints.data?.data.map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
            <Field label="Dataset" fault={faultOf(explain.error, 'dataset')}>
              {(own) => <Input {...own} value={dataset} onChange={(event) => set({ dataset: event.target.value })} />}
            </Field>
            <Field label="From the address" fault={faultOf(explain.error, 'ip')}>
              {(own) => <Input {...own} value={ip} onChange={(event) => set({ ip: event.target.value })} />}
            </Field>
          </div>
          <FormTrouble error={explain.error} fields={['path', 'model', 'dataset', 'ip']} />
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" look="primary" icon={Search} busy={explain.isPending}>
              Explain
            </Button>
            <Command text={`gt key explain ${key.name.includes(' ') ? `"${key.name}"` : key.name}${command}`} />
          </div>
        </form>
      </Panel>
      {explain.data === undefined ? (
        <p className="px-2 py-6 text-sm text-muted">
          Every check that the platform makes stands here in its order, up to the first that refuses. Nothing is called and
          nothing is counted.
        </p>
      ) : (
        <Answer explained={explain.data} />
      )}
    </div>
  );
}

function Answer({ explained: { allowed, held, status, code, steps } }: { readonly explained: Reply<'keys.explain'> }) {
  const [tone, verdict] = allowed
    ? (['good', 'The call is allowed'] as const)
    : held
      ? (['warn', 'The call waits for an approval'] as const)
      : (['bad', `The call is refused with ${status}`] as const);
  return (
    <Panel title={verdict} actions={<Badge tone={tone}>{code ?? (held ? 'held' : status)}</Badge>}>
      <ol className="flex flex-col gap-3" aria-live="polite">
        {steps.map(({ check, ok, detail }) => (
          <li key={check} className="flex gap-3 text-sm">
            {ok ? (
              <CircleCheck className="mt-0.5 size-4 shrink-0 text-good" aria-label="passed" />
            ) : (
              <CircleX className="mt-0.5 size-4 shrink-0 text-bad" aria-label="refused" />
            )}
            <div className="min-w-0">
              <p className="font-medium">{check.replaceAll('_', ' ')}</p>
              <p className="break-words text-muted">{detail}</p>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
