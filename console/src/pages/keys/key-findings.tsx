import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import type { Item } from '../../api/call.js';
import { useCall } from '../../api/queries.js';
import type { KeyObject } from './key-draft.js';

type Finding = Item<'key-report.list'>['findings'][number];

const words: Record<Finding, { readonly text: string; readonly tab?: string; readonly link?: string }> = {
  unused: { text: 'It made no call for 30 days. A key that nobody needs is better revoked.' },
  over_granted: { text: 'It holds scopes that none of its calls needed.', tab: 'rights', link: 'Narrow it' },
  expiring: { text: 'It ends within two weeks.', tab: 'edit', link: 'Let it go on' },
  expired: { text: 'It has ended, and its calls are refused.', tab: 'edit', link: 'Let it go on' },
};

/** What should be looked after at the key; mostly nothing. */
export function KeyFindings({ of: { name, id } }: { readonly of: KeyObject }) {
  const { data } = useCall('key-report.list', { query: { name } });
  const findings = data?.data.find((one) => one.id === id)?.findings ?? [];
  return findings.map((finding) => {
    const { text, tab, link } = words[finding];
    return (
      <p key={finding} className="flex flex-wrap items-center gap-2 rounded-md bg-warn-soft px-4 py-2.5 text-sm text-warn">
        <TriangleAlert className="size-4 shrink-0" aria-hidden />
        <span className="flex-1">{text}</span>
        {tab !== undefined && (
          <Link to={`/keys/${id}`} search={{ tab }} className="font-medium underline">
            {link}
          </Link>
        )}
      </p>
    );
  });
}
