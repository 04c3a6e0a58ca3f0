import type { AuditFaultKind, AuditVerificationObject } from '../contracts/audit-verification.js';
import { isoTime } from '../contracts/times.js';

type Fault = AuditVerificationObject['faults'][number];

const sentences: Readonly<Record<AuditFaultKind, (fault: Fault) => string>> = {
  changed: ({ seq, id }) => `Row ${seq ?? ''} (${id ?? ''}) is not what was sealed, or the row before it is not.`,
  removed: ({ seq }) => `Row ${seq ?? ''} is gone.`,
  inserted: ({ seq, id }) =>
    seq === null
      ? `${id ?? ''} was inserted: it is not sealed, and older than rows that are.`
      : `${id ?? ''} was inserted: it has no right to the place of row ${seq}.`,
  cut: ({ seq }) => `The chain once reached to row ${seq ?? ''}: its end was cut off.`,
  anchor_mismatch: ({ seq }) => `At row ${seq ?? ''} the chain is not the one that was written down: it was made anew.`,
};

/** What a look at a chain has found, in sentences. */
export function auditReport(found: AuditVerificationObject): string {
  const { chain, ok, rows, sealed, unsealed, unsealed_since: since, head, anchors, newest_anchor: newest } = found;
  const whose = chain === 'operators' ? "The operators' audit" : `The audit of ${chain}`;
  const lines = [
    ok ? `${whose} is as it was sealed.` : `${whose} is NOT as it was sealed.`,
    `It has ${rows} rows: ${sealed} are sealed, ${unsealed} are not yet${since === null ? '' : ` (since ${isoTime(since)})`}.`,
    head === null ? 'Nothing was sealed yet.' : `It ends at row ${head.seq} with the hash ${head.hash}.`,
    newest === null
      ? 'There is no anchor in the object store: a cut end cannot be told there.'
      : `It was held against ${anchors} anchors in the object store; the newest is of ${newest.day}, at row ${newest.seq}.`,
    ...found.faults.map((fault) => `- ${sentences[fault.fault](fault)}`),
  ];
  const hidden = found.fault_count - found.faults.length;
  return `${[...lines, ...(hidden > 0 ? [`${hidden} more faults are not shown.`] : [])].join('\n')}\n`;
}
