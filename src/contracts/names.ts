import { z } from 'zod';

/** A published name, as clients put it into `model` (contract section 1). */
export const endpointName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/,
    'must begin with a letter or digit and hold only letters, digits, ".", "_", "/" and "-", at most 128',
  )
  .refine((name) => !isReservedName(name), 'is reserved: "default", "openclaw…" and "ft:…" have a meaning of their own');

/** Names that spell something else in `model`. */
export function isReservedName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'default' || lower.startsWith('openclaw') || lower.startsWith('ft:');
}

/** A name that people give to what is theirs: connections, agents, keys. */
export const objectName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/,
    'must begin with a letter or digit and hold only letters, digits, ".", "_", "-" and spaces, at most 100',
  );

/** A short name in addresses and files: tenants, presets, dataset aliases. */
export const slug = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must hold lower-case letters, digits and "-", begin and end with a letter or digit, at most 63',
  );
