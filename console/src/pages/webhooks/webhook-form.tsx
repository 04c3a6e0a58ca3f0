import { useState } from 'react';
import { webhookEvents } from 'virtual:facts';
import type { Item } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { Check, Field, Input } from '../../ui/field.js';
import { faultOf, FormTrouble } from '../../ui/trouble.js';

interface Props {
  /** The one that changes; without it, a new one is made. */
  readonly of?: Item<'webhooks.list'>;
  readonly onClose: () => void;
  /** The signing secret of a new one. */
  readonly onMade: (secret: string) => void;
}

/** Where events go, and which. */
export function WebhookForm({ of, onClose, onMade }: Props) {
  const [url, setUrl] = useState(of?.url ?? '');
  const [events, setEvents] = useState<readonly (typeof webhookEvents)[number][]>(of?.events ?? []);
  const create = useChange('webhooks.create');
  const update = useChange('webhooks.update', { done: 'The webhook is changed.' });
  const error = create.error ?? update.error;
  const send = () => {
    const body = { url, events: [...events] };
    if (of === undefined) create.mutate({ body }, { onSuccess: ({ secret }) => onMade(secret) });
    else update.mutate({ id: of.id, body }, { onSuccess: onClose });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={of === undefined ? 'Create a webhook' : 'Change the webhook'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="webhook"
            disabled={events.length === 0}
            busy={create.isPending || update.isPending}
          >
            {of === undefined ? 'Create' : 'Save'}
          </Button>
        </>
      }
    >
      <form
        id="webhook"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Field label="Address" hint="Of your server, such as https://hooks.example.com/gt" fault={faultOf(error, 'url')}>
          {(own) => <Input {...own} type="url" required value={url} onChange={(event) => setUrl(event.target.value)} />}
        </Field>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1 text-sm font-medium">Events</legend>
          {webhookEvents.map((name) => (
            <Check
              key={name}
              label={<span className="font-mono text-xs">{name}</span>}
              checked={events.includes(name)}
              onChange={({ target }) => setEvents(target.checked ? [...events, name] : events.filter((other) => other !== name))}
            />
          ))}
        </fieldset>
        <FormTrouble error={error} fields={['url']} />
      </form>
    </Dialog>
  );
}
