import type { Spec } from './agent-draft.js';
import { differences, labelOf, lineDifference, type Line } from './differences.js';

const looks = { same: '', gone: 'bg-bad-soft text-bad', new: 'bg-good-soft text-good' } as const;
const signs = { same: ' ', gone: '-', new: '+' } as const;
const spoken = { same: '', gone: 'Removed: ', new: 'Added: ' } as const;

/** Two specs side by side: the fields that differ, and the lines of the instructions. */
export function Comparison({ before, after }: { readonly before: Spec; readonly after: Spec }) {
  const fields = differences(before, after);
  const isOther = before.instructions !== after.instructions;
  if (fields.length === 0 && !isOther) return <p className="text-sm text-muted">They say the same.</p>;
  return (
    <div className="flex flex-col gap-4">
      {fields.length > 0 && (
        <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Fields that differ">
          <table className="w-full text-sm">
            <thead>
              <tr className="border-b border-line text-left text-xs text-muted">
                {['Field', 'From', 'To'].map((name) => (
                  <th key={name} scope="col" className="h-9 pr-4 font-medium">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {fields.map((one) => (
                <tr key={one.field} className="border-b border-line align-top last:border-0">
                  <th scope="row" className="py-2 pr-4 text-left font-medium">
                    {labelOf(one.field)}
                  </th>
                  <td className="py-2 pr-4 whitespace-pre-wrap text-bad">{one.before}</td>
                  <td className="py-2 whitespace-pre-wrap text-good">{one.after}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isOther && <Lines lines={lineDifference(before.instructions, after.instructions)} />}
    </div>
  );
}

const Lines = ({ lines }: { readonly lines: readonly Line[] }) => (
  <section aria-label="Instructions, line by line">
    <h3 className="mb-1 text-sm font-medium">Instructions</h3>
    <ol tabIndex={0} className="max-h-128 overflow-auto rounded-md border border-line py-2 font-mono text-xs leading-relaxed">
      {lines.map(({ kind, text }, at) => (
        <li key={at} className={`flex gap-2 px-3 ${looks[kind]}`}>
          <span aria-hidden className="w-3 shrink-0 select-none">
            {signs[kind]}
          </span>
          <span className="min-w-0 break-words whitespace-pre-wrap">
            <span className="sr-only">{spoken[kind]}</span>
            {text === '' ? ' ' : text}
          </span>
        </li>
      ))}
    </ol>
  </section>
);
