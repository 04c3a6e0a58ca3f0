import { limitNames, type NewKeyDraft } from './key-draft.js';

/** What is chosen in each part of the form, for those who have not opened it. */
export function notesOf({ limits, budget, budget_currency, budget_window, expires, addresses, ...policy }: NewKeyDraft) {
  const set = limitNames.filter((name) => limits[name] !== '');
  const window = budget_window === 'total' ? 'for good' : `each ${budget_window}`;
  const from = addresses.trim() === '' ? 'from everywhere' : 'from some addresses';
  const rules = [
    ...(policy.instructions.trim() === '' ? [] : ['instructions']),
    ...(policy.guardrails.trim() === '' ? [] : ['guardrails']),
  ];
  return {
    limits: set.length === 0 ? 'none of its own' : set.map((name) => `${limits[name]} ${name.replaceAll('_', ' ')}`).join(', '),
    budget: budget.trim() === '' ? 'none' : `${budget} ${budget_currency} ${window}`,
    reach: `${expires === '' ? 'never ends' : `ends ${expires.replace('T', ' ')}`}, ${from}`,
    policy: rules.length === 0 ? 'no instructions and guardrails of its own' : rules.join(' and '),
  };
}
