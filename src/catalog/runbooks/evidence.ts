import type { RunbookRow } from './runbook-row.js';

/** What a page says of how the product's compatibility is known. */
export function evidenceText({ evidence }: RunbookRow): string {
  const basis = {
    high: "vendor's documentation and source",
    medium: "vendor's documentation",
    low: 'not checked against the vendor',
  };
  return `documented compatibility (${basis[evidence.confidence]})`;
}
