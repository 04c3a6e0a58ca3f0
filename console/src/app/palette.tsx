import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { KeyRound, LogOut, Plus } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { useCall } from '../api/queries.js';
import { navigation } from './nav.js';
import { useMay } from './session.js';

const item =
  'flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-text';

/** Every page and the common actions, by a few letters of their names. */
export function Palette({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const navigate = useNavigate();
  const go = (to: string, search?: Record<string, unknown>) => {
    onOpenChange(false);
    void navigate({ to, ...(search === undefined ? {} : { search: search }) });
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-surface shadow-2xl"
        >
          <Dialog.Title className="sr-only">Search pages and actions</Dialog.Title>
          <Entries go={go} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Entries({ go }: { readonly go: (to: string, search?: Record<string, unknown>) => void }) {
  const may = useMay();
  const [text, setText] = useState('');
  return (
    <Command label="Pages and actions" loop>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Go to a page, a key or a request id"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-sm outline-none"
      />
      <Command.List className="max-h-[50dvh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted">
        <Command.Empty className="px-3 py-6 text-center text-sm text-muted">Nothing is called like this.</Command.Empty>
        <Command.Group heading="Pages">
          {navigation
            .flatMap(({ entries }) => entries)
            .filter(({ needs }) => may(needs))
            .map(({ path, label, icon: Icon, words }) => (
              <Entry
                key={path}
                value={`${label} ${words ?? ''}`}
                onSelect={() => go(path)}
                icon={<Icon className="size-4" aria-hidden />}
              >
                {label}
              </Entry>
            ))}
        </Command.Group>
        <Command.Group heading="Actions">
          {may('keys.create') && (
            <Entry
              value="Create a key new"
              onSelect={() => go('/keys', { create: true })}
              icon={<Plus className="size-4" aria-hidden />}
            >
              Create a key
            </Entry>
          )}
          <Entry
            value="Sign out leave"
            onSelect={() => go('/sign-in', { out: true })}
            icon={<LogOut className="size-4" aria-hidden />}
          >
            Sign out
          </Entry>
        </Command.Group>
        {text.startsWith('req_') && (
          <Entry value={text} onSelect={() => go(`/requests/${text}`)}>
            Request {text}
          </Entry>
        )}
        <Keys go={go} />
      </Command.List>
    </Command>
  );
}

/** The newest keys: what is looked for most. */
function Keys({ go }: { readonly go: (to: string) => void }) {
  const { data } = useCall('keys.list', { query: { limit: 50 } });
  if (data === undefined || data.data.length === 0) return null;
  return (
    <Command.Group heading="Keys">
      {data.data.map(({ id, name, last_four }) => (
        <Entry
          key={id}
          value={`key ${name} ${last_four}`}
          onSelect={() => go(`/keys/${id}`)}
          icon={<KeyRound className="size-4" aria-hidden />}
        >
          {name} <span className="font-mono text-xs text-muted">…{last_four}</span>
        </Entry>
      ))}
    </Command.Group>
  );
}

interface EntryProps {
  readonly value: string;
  readonly icon?: ReactNode;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

const Entry = ({ value, icon, onSelect, children }: EntryProps) => (
  <Command.Item value={value} onSelect={onSelect} className={item}>
    {icon}
    <span className="truncate">{children}</span>
  </Command.Item>
);
