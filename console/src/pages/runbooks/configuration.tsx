import type { Reply } from '../../api/call.js';
import { Code, Copy } from '../../ui/copy.js';
import { Panel } from '../../ui/panel.js';

/** What is set in the product, each value to be copied. The key stands as a placeholder. */
export function Configuration({ runbook: { configuration } }: { readonly runbook: Reply<'runbooks.get'> }) {
  const { fields, environment, files } = configuration;
  if (fields.length + environment.length + files.length === 0) return null;
  const shell = environment.filter(({ value }) => value !== null).map(({ name, value }) => `${name}=${value ?? ''}`);
  return (
    <Panel title="Configuration">
      <div className="flex flex-col gap-4">
        {fields.length > 0 && (
          <dl className="flex flex-col gap-3">
            {fields.map(({ where, value, note }) => (
              <div key={where + value} className="min-w-0">
                <dt className="text-xs text-muted">
                  {where}
                  {note !== undefined && ` (${note})`}
                </dt>
                <dd className="flex items-center gap-1">
                  <code className="font-mono text-xs break-all">{value}</code>
                  <Copy text={value} label={`Copy the value of ${where}`} className="size-7" />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {shell.length > 0 && (
          <div>
            <h3 className="mb-1 text-xs text-muted">Environment</h3>
            <Code text={shell.join('\n')} label="Copy the environment" />
          </div>
        )}
        {files.map(({ file, content }) => (
          <div key={file}>
            <h3 className="mb-1 text-xs text-muted">{file}</h3>
            <Code text={content} label={`Copy ${file}`} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
