import type { DigitGroup } from './number-run.js';

/**
 * True for the groups of a telephone number in one of these forms; anything else is as likely an amount, a date or an order.
 * - with a country code behind `+` or `00`: 8 to 15 digits with the code.
 * - with an area code in brackets: `(030) 1234567`, `(11) 91234-5678`.
 * - with an area code behind `0`: `030 1234567`, `0171/2345678`, `01712345678`.
 * - in North America: `415-555-2671`, `1 415 555 2671`.
 * - in pairs: `01 23 45 67 89`.
 */
export function isPhone(groups: readonly DigitGroup[]): boolean {
  const [first] = groups;
  if (first === undefined) return false;
  const digits = groups.map((group) => group.digits).join('');
  const sizes = groups.map((group) => String(group.digits.length)).join('');
  if (first.lead.includes('+')) return isBetween(digits, 8, 15) && !digits.startsWith('0');
  if (/^00[1-9]/.test(digits)) return isBetween(digits, 11, 17);
  if (first.lead === '(') return groups[1]?.lead.startsWith(')') === true && isBetween(digits, 8, 13);
  if (/^0[1-9]/.test(digits)) return isBehindZero(groups, digits, sizes);
  return (sizes === '334' && /^[2-9]/.test(digits)) || (sizes === '1334' && /^1[2-9]/.test(digits));
}

function isBehindZero(groups: readonly DigitGroup[], digits: string, sizes: string): boolean {
  if (sizes === '22222') return true;
  if (groups.length === 1) return isBetween(digits, 10, 12);
  const [first] = sizes;
  // Shorter first groups are those of dates, and dots those of versions.
  return Number(first) >= 3 && isBetween(digits, 9, 13) && groups.every(({ lead }) => !lead.includes('.'));
}

function isBetween(digits: string, least: number, most: number): boolean {
  return digits.length >= least && digits.length <= most;
}
