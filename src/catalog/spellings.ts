/** What a client's `model` means: the tenant's default endpoint, or a published name. */
export type Spelling = { readonly kind: 'default' } | { readonly kind: 'name'; readonly name: string };

const theDefault: Spelling = { kind: 'default' };
const prefixes = ['openclaw/', 'openclaw:', 'agent:'] as const;

/**
 * Reads `model` as the contract's section 6 spells it: `default`, `<alias>`, `openclaw`, `openclaw/default`,
 * `openclaw/<alias>`, `openclaw:<alias>`, `agent:<alias>`. The result goes through the allowlist like any name.
 */
export function resolveSpelling(text: string): Spelling {
  if (text === 'default' || text === 'openclaw') return theDefault;
  const prefix = prefixes.find((candidate) => text.startsWith(candidate));
  const name = prefix === undefined ? text : text.slice(prefix.length);
  return name === 'default' ? theDefault : { kind: 'name', name };
}
