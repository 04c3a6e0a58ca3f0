import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useCall, useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { Badge, State } from '../../ui/badge.js';
import { Button } from '../../ui/button.js';
import { Confirm } from '../../ui/dialog.js';
import { Loading } from '../../ui/loading.js';
import { Fact, Facts, Page, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { Trouble } from '../../ui/trouble.js';
import { Deliveries } from './deliveries.js';
import { WebhookForm } from './webhook-form.js';
import { WebhookSecret } from './webhook-secret.js';

/** One webhook: what it is told of, and what came of it. */
export function WebhookPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { data, error, refetch } = useCall('webhooks.get', { id });
  const may = useMay();
  const navigate = useNavigate();
  const [asked, ask] = useState<'edit' | 'rotate' | 'delete' | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const update = useChange('webhooks.update', { done: 'The webhook is changed.' });
  const rotate = useChange('webhooks.rotate');
  const remove = useChange('webhooks.delete', { done: 'The webhook is deleted.' });
  const show = (made: string) => {
    ask(null);
    setSecret(made);
  };
  const close = () => ask(null);
  if (data === undefined)
    return <Page title="Webhook">{error === null ? <Loading /> : <Trouble error={error} onRetry={() => void refetch()} />}</Page>;
  const isActive = data.state === 'active';
  const actions = may('webhooks.update') && (
    <>
      <Button onClick={() => ask('edit')}>Change</Button>
      <Button busy={update.isPending} onClick={() => update.mutate({ id, body: { state: isActive ? 'disabled' : 'active' } })}>
        {isActive ? 'Disable' : 'Enable'}
      </Button>
      <Button onClick={() => ask('rotate')}>Rotate the secret</Button>
      <Button look="danger" onClick={() => ask('delete')}>
        Delete
      </Button>
    </>
  );
  return (
    <Page
      title={data.url}
      description={
        <Link to="/webhooks" className="underline">
          All webhooks
        </Link>
      }
      actions={actions}
    >
      {update.error !== null && asked === null && <Trouble error={update.error} />}
      <Panel>
        <Facts>
          <Fact label="State">
            <State state={data.state} />
          </Fact>
          <Fact label="Created">
            <Time at={data.created_at} />
          </Fact>
          <Fact label="Former secrets sign too, until">
            <Time at={data.overlap_ends_at} none="there are none" />
          </Fact>
          <Fact label="Events">
            <span className="flex flex-wrap gap-1">
              {data.events.map((name) => (
                <Badge key={name}>{name}</Badge>
              ))}
            </span>
          </Fact>
        </Facts>
      </Panel>
      <Deliveries of={id} />
      {asked === 'edit' && <WebhookForm of={data} onClose={close} onMade={show} />}
      {asked === 'rotate' && (
        <Confirm
          open
          onOpenChange={close}
          title="Rotate the signing secret?"
          description="You get a new one. The former one signs beside it for a day, so that your server can change over."
          action="Rotate"
          busy={rotate.isPending}
          onConfirm={() => rotate.mutate({ id, body: {} }, { onSuccess: (made) => show(made.secret) })}
        >
          {rotate.error !== null && <Trouble error={rotate.error} />}
        </Confirm>
      )}
      {asked === 'delete' && (
        <Confirm
          open
          onOpenChange={close}
          title="Delete the webhook?"
          description="Its deliveries are deleted with it, those that wait too."
          action="Delete"
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ id }, { onSuccess: () => void navigate({ to: '/webhooks' }) })}
        >
          {remove.error !== null && <Trouble error={remove.error} />}
        </Confirm>
      )}
      {secret !== null && <WebhookSecret secret={secret} onClose={() => setSecret(null)} />}
    </Page>
  );
}
