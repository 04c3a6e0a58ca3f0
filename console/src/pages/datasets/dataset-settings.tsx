import { Save } from 'lucide-react';
import { useForm } from 'react-hook-form';
import type { Body } from '../../api/call.js';
import { useChange } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { percent } from '../../format/numbers.js';
import { Button } from '../../ui/button.js';
import { Fact, Facts, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { FormTrouble } from '../../ui/trouble.js';
import { draftOf, faultFields, fieldsOf, type Dataset, type DatasetDraft } from './dataset-draft.js';
import { NameFields, ReadingFields } from './dataset-fields.js';

/** How the dataset is set up, and the form that changes it. */
export function DatasetSettings({ of: dataset }: { readonly of: Dataset }) {
  const may = useMay();
  const { recall } = dataset;
  const isChangeable = may('datasets.update');
  return (
    <div className="flex flex-col gap-5">
      <Panel>
        <Facts>
          {!isChangeable && <SettingFacts of={dataset} />}
          <Fact label="Recall of searches">
            {recall === null ? 'all vectors are compared' : `${percent(recall.value, 1)} of ${recall.sampled} asked`}
          </Fact>
          <Fact label="Created">
            <Time at={dataset.created_at} />
          </Fact>
        </Facts>
      </Panel>
      {isChangeable && <Change of={dataset} />}
    </div>
  );
}

const SettingFacts = ({ of: dataset }: { readonly of: Dataset }) => (
  <>
    <Fact label="Embedding">
      {dataset.embedding.model} on {dataset.embedding.connection}
    </Fact>
    <Fact label="Passages">
      {dataset.chunk_tokens} tokens, {dataset.overlap_tokens} shared
    </Fact>
    <Fact label="Languages of scans">{dataset.ocr_languages.join(', ') || 'none'}</Fact>
    <Fact label="Hidden sheets">{dataset.hidden_sheets ? 'are read' : 'are not read'}</Fact>
  </>
);

function Change({ of: dataset }: { readonly of: Dataset }) {
  const before = draftOf(dataset);
  const form = useForm<DatasetDraft>({ values: before });
  const change = useChange('datasets.update', { done: 'The dataset is changed.', also: ['files', 'audit'] });
  const save = (draft: DatasetDraft) => change.mutate({ id: dataset.id, body: changesOf(before, draft) });
  const changed = Object.keys(changesOf(before, form.watch()));
  const rebuilds = changed.some((name) => name !== 'alias' && name !== 'name');
  return (
    <Panel title="Settings">
      <form className="flex flex-col gap-4" onSubmit={(event) => void form.handleSubmit(save)(event)}>
        <NameFields register={form.register} error={change.error} />
        <ReadingFields register={form.register} error={change.error} connection={form.watch('connection')} />
        {rebuilds && (
          <p role="status" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
            All files of the dataset are read and embedded again. Their old passages are found until the new ones are there.
          </p>
        )}
        <FormTrouble error={change.error} fields={faultFields} />
        <Button
          type="submit"
          look="primary"
          icon={Save}
          className="self-start"
          busy={change.isPending}
          disabled={changed.length === 0}
        >
          Save the changes
        </Button>
      </form>
    </Panel>
  );
}

/** The fields that are other than they were. */
function changesOf(before: DatasetDraft, draft: DatasetDraft): Body<'datasets.update'> {
  const was = fieldsOf(before);
  return Object.fromEntries(
    Object.entries(fieldsOf(draft)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name as keyof typeof was]),
    ),
  );
}
