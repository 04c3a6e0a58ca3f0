import { lazy, Suspense } from 'react';
import { Code } from '../../ui/copy.js';
import { Loading } from '../../ui/loading.js';

const Markdown = lazy(async () => ({ default: (await import('../../ui/markdown.js')).Markdown }));

/** What stands for the key in a runbook. */
const placeholder = 'gtak_...';

interface RunbookProps {
  readonly files: readonly { readonly file: string; readonly content: string }[];
  readonly markdown: string;
  readonly secret: string;
}

/** The page of the product with this key in it. */
export function FilledRunbook({ files, markdown, secret }: RunbookProps) {
  const filled = (text: string) => text.replaceAll(placeholder, secret);
  return (
    <div className="flex flex-col gap-4">
      {files.map(({ file, content }) => (
        <div key={file}>
          <p className="mb-1 font-mono text-xs text-muted">{file}</p>
          <Code text={filled(content)} label={`Copy ${file}`} />
        </div>
      ))}
      <div className="rounded-md border border-line p-4">
        <Suspense fallback={<Loading />}>
          <Markdown text={filled(markdown)} />
        </Suspense>
      </div>
    </div>
  );
}
