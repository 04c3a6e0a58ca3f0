import { useCall } from '../../api/queries.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { FormTrouble } from '../../ui/trouble.js';
import { newDraft, newLink } from './key-draft.js';
import { NewKeyForm, type StartProps } from './new-key-form.js';

/** Reads what the fields are filled with, and shows them then. */
export function NewKey(props: StartProps) {
  const { start, product } = props;
  const base = (product?.id ?? start.preset?.slug ?? start.purpose).slice(0, 90);
  const taken = useCall('keys.list', { query: { search: base, limit: 100 } });
  const endpoints = useCall('endpoints.list', { query: { limit: 100 } });
  const datasets = useCall('datasets.list', { query: { limit: 100 } });
  const isConversation = start.purpose === 'conversation';
  const inference = useCall(
    'keys.list',
    { query: { purpose: 'inference', state: 'active', limit: 100 } },
    { enabled: isConversation },
  );
  const upload = useCall('keys.list', { query: { purpose: 'upload', state: 'active', limit: 100 } }, { enabled: isConversation });
  if (
    taken.data === undefined ||
    endpoints.data === undefined ||
    datasets.data === undefined ||
    (isConversation && (inference.data === undefined || upload.data === undefined))
  )
    return (
      <Panel>
        <FormTrouble error={taken.error ?? endpoints.error ?? datasets.error} />
        <Loading rows={8} />
      </Panel>
    );
  const names = new Set(taken.data.data.map(({ name }) => name));
  const linkable = [...(inference.data?.data ?? []), ...(upload.data?.data ?? [])];
  const links = start.preset?.links ?? null;
  const draft = newDraft(start, freeName(base, names), endpoints.data.data, datasets.data.data, {
    inference: links === null ? (inference.data?.data[0]?.id ?? newLink) : newLink,
    upload: links === null ? '' : links.upload === null ? '' : newLink,
  });
  return (
    <NewKeyForm {...props} draft={draft} endpoints={endpoints.data.data} datasets={datasets.data.data} linkable={linkable} />
  );
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}
