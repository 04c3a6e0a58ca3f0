import { useBlocker } from '@tanstack/react-router';
import { Check, Copy, TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import { toast } from 'sonner';
import { useCall } from '../../api/queries.js';
import { Button } from '../../ui/button.js';
import { Code } from '../../ui/copy.js';
import { Dialog } from '../../ui/dialog.js';
import { Loading } from '../../ui/loading.js';
import { Tabs } from '../../ui/tabs.js';
import { Trouble } from '../../ui/trouble.js';
import { FilledRunbook } from './filled-runbook.js';
import { modelOf, servingModel, snippetsOf, type IssuedKey } from './snippets.js';
import { TestKey } from './test-key.js';

interface SecretProps {
  readonly title: string;
  readonly issued: IssuedKey;
  readonly notes?: readonly string[];
  /** The product that the key is for. */
  readonly runbook: string | null;
  readonly onClose: () => void;
}

/** The secret of a key, the only time that it is shown: it is in the memory of this page alone. Closing it without a copy is asked about. */
export function SecretDialog({ title, issued, notes = [], runbook, onClose }: SecretProps) {
  const [isKept, keep] = useState(false);
  const place = useRef<HTMLElement>(null);
  const [isAsking, ask] = useState(false);
  const [tab, setTab] = useState('curl');
  const first = modelOf(issued);
  const named = first === 'default' ? {} : { model: first };
  const product = useCall('runbooks.get', { id: runbook ?? 'generic-openai-http', query: named });
  const model = servingModel(issued, product.data?.filled_with.names ?? []);
  const origin = product.data?.filled_with.origin ?? location.origin;
  const [isClosing, close] = useState(false);
  useBlocker({ shouldBlockFn: () => !isClosing, enableBeforeUnload: () => !isKept });
  const leave = () => {
    close(true);
    setTimeout(onClose);
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(issued.secret);
      keep(true);
    } catch {
      // Without TLS browsers have no clipboard for pages.
      if (place.current !== null) getSelection()?.selectAllChildren(place.current);
      toast.error('The browser does not let the page copy. The secret is selected: copy it yourself.');
    }
  };
  const snippets = snippetsOf(issued, `${origin}/api/tenant/v1`, model);
  return (
    <Dialog
      open
      wide
      guarded
      onOpenChange={() => undefined}
      title={title}
      description="The secret is shown this once. Copy it to where it is needed: nobody can show it again."
      actions={
        isAsking ? (
          <>
            <p role="alert" className="mr-auto flex items-center gap-2 text-sm text-warn">
              <TriangleAlert className="size-4" aria-hidden /> It was not copied, and is not shown again.
            </p>
            <Button onClick={() => ask(false)}>Stay here</Button>
            <Button look="alarm" onClick={leave}>
              Close all the same
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={() => (isKept ? leave() : ask(true))}>
            Done
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-5" onCopy={() => keep(true)}>
        <div className="flex flex-col gap-2 sm:flex-row sm:items-center">
          <code
            ref={place}
            data-testid="secret"
            className="min-w-0 flex-1 rounded-md border border-line bg-sunken px-3 py-2 font-mono text-sm break-all select-all"
          >
            {issued.secret}
          </code>
          <Button look="primary" icon={isKept ? Check : Copy} onClick={() => void copy()}>
            {isKept ? 'Copied' : 'Copy the secret'}
          </Button>
        </div>
        {notes.map((note) => (
          <p key={note} className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
            {note}
          </p>
        ))}
        <TestKey issued={issued} model={model} />
        <div onClickCapture={({ target }) => isCopy(target) && keep(true)}>
          <Tabs
            label="How it is used"
            value={tab}
            onChange={setTab}
            tabs={[
              ...snippets.map(({ id, label, text }) => ({
                value: id,
                label,
                content: <Code text={text} label={`Copy the ${label} snippet`} />,
              })),
              ...(runbook === null
                ? []
                : [
                    {
                      value: 'runbook',
                      label: product.data?.name ?? 'Runbook',
                      content:
                        product.data !== undefined ? (
                          <FilledRunbook
                            files={product.data.configuration.files}
                            markdown={product.data.markdown}
                            secret={issued.secret}
                          />
                        ) : product.error === null ? (
                          <Loading />
                        ) : (
                          <Trouble error={product.error} />
                        ),
                    },
                  ]),
            ]}
          />
        </div>
      </div>
    </Dialog>
  );
}

/** Each of the snippets has the secret in it. */
const isCopy = (target: EventTarget) => target instanceof Element && target.closest('button[aria-label^="Copy"]') !== null;
