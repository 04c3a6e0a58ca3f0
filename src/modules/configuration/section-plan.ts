import { isDeepStrictEqual } from 'node:util';
import { mapInSlices } from '../../kernel/breather.js';
import type { Stored } from './forms.js';

/** How the objects of one section of a file are named and compared. */
export interface SectionRules<Entry, Form> {
  readonly nameOf: (form: Form) => string;
  readonly formOf: (entry: Entry) => Form;
  /** True for an object that refers to others of its own section: it comes after them and goes before them. */
  readonly refersToOthers?: (form: Form) => boolean;
}

/** An object that the file names. */
export interface Wanted<Entry, Form, Row extends Stored<Form>> {
  readonly name: string;
  /** Place in the section of the file. */
  readonly at: number;
  readonly entry: Entry;
  readonly form: Form;
  /** What the tenant has under this name. */
  readonly stored: Row | undefined;
  /** The fields in which the stored object differs. */
  readonly changes: Partial<Form>;
}

export interface SectionPlan<Entry, Form, Row extends Stored<Form>> {
  /** In the order in which they are to be made. */
  readonly wanted: readonly Wanted<Entry, Form, Row>[];
  /** What the file does not name, in the order in which it is to be deleted. */
  readonly surplus: readonly (Row & { readonly name: string })[];
}

/** Holds one section of a file against what the tenant has. The same two sides always give the same plan. Made in slices. */
export async function planSection<Entry, Form extends object, Row extends Stored<Form>>(
  entries: readonly Entry[],
  stored: readonly Row[],
  rules: SectionRules<Entry, Form>,
): Promise<SectionPlan<Entry, Form, Row>> {
  const byName = new Map(stored.map((row) => [rules.nameOf(row.form), row]));
  const wanted = await mapInSlices(entries, (entry, at): Wanted<Entry, Form, Row> => {
    const form = rules.formOf(entry);
    const name = rules.nameOf(form);
    const row = byName.get(name);
    return { name, at, entry, form, stored: row, changes: row === undefined ? {} : differences(form, row.form) };
  });
  const named = new Set(wanted.map(({ name }) => name));
  const surplus = stored.map((row) => ({ ...row, name: rules.nameOf(row.form) })).filter(({ name }) => !named.has(name));
  const refers = ({ form }: { readonly form: Form }): boolean => rules.refersToOthers?.(form) === true;
  return {
    wanted: [...wanted.filter((item) => !refers(item)), ...wanted.filter(refers)],
    surplus: [...surplus.filter(refers), ...surplus.filter((item) => !refers(item))],
  };
}

/** The fields of `wanted` that `current` has otherwise; undefined says nothing, and so differs from nothing. */
export function differences<Form extends object>(wanted: Form, current: Form): Partial<Form> {
  const fields = Object.keys(wanted) as (keyof Form)[];
  const different = fields.filter((field) => wanted[field] !== undefined && !isDeepStrictEqual(wanted[field], current[field]));
  return Object.fromEntries(different.map((field) => [field, wanted[field]])) as Partial<Form>;
}
