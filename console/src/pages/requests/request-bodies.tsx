import { useCall } from '../../api/queries.js';
import { bytes } from '../../format/numbers.js';
import { Code, Command } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';
import { Panel } from '../../ui/panel.js';
import { Trouble } from '../../ui/trouble.js';

/** What the client sent and was answered, where the tenant keeps it. */
export function RequestBodies({ id }: { readonly id: string }) {
  const { data, error } = useCall('requests.bodies', { id });
  if (error !== null && [403, 404].includes(error.status))
    return (
      <Panel title="Bodies">
        <p className="text-sm text-muted">
          {error.message} An owner switches them on: <Command text="gt tenant update <tenant> --from bodies.yaml" />
        </p>
      </Panel>
    );
  return (
    <Panel title="Bodies">
      {error !== null && <Trouble error={error} />}
      {data === undefined && error === null && <Loading />}
      {data !== undefined && (
        <div className="flex flex-col gap-4">
          {(['request', 'answer'] as const).map((part) => (
            <div key={part}>
              <h3 className="mb-1 text-xs text-muted">
                {part === 'request' ? 'Request' : 'Answer'}, {bytes(data[part].bytes)}
                {data[part].cut && ', its beginning'}
              </h3>
              {data[part].text === null ? (
                <p className="text-sm text-muted">
                  {data[part].left_out === 'no_text'
                    ? 'It is no text.'
                    : 'It is left out, since masked values were put back in it.'}
                </p>
              ) : (
                <Code text={data[part].text ?? ''} label={`Copy the ${part}`} />
              )}
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
