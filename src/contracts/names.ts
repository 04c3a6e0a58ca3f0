import { z } from 'zod';

/** A published name, as clients put it into `model` (contract section 1). */
export const endpointName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/,
    'must begin with a letter or digit and hold only letters, digits, ".", "_", "/" and "-", at most 128',
  )
  .refine((name) => !isReservedName(name), 'is reserved: "default", "openclaw…" and "ft:…" have a meaning of their own');

const tunedForm = /^ft:[A-Za-z0-9][A-Za-z0-9._/-]{0,63}:[a-z0-9-]{1,63}:[A-Za-z0-9._-]{0,64}:[0-9A-Za-z]{8}$/;

/** Whether it is a name that the platform gives to a fine-tuned model: `ft:<base>:<tenant>:<suffix>:<random>`. */
export function isTunedName(name: string): boolean {
  return tunedForm.test(name);
}

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
