import type { ApplyAction, ApplyKind, ApplyResult, FileSection, TenantEntry } from '../../contracts/platform-file.js';
import { AppError } from '../../kernel/app-error.js';
import { Breather } from '../../kernel/breather.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Stored, TenantState } from './forms.js';
import type { JudgedAddresses } from './judged-addresses.js';
import { planSection, type SectionPlan, type SectionRules, type Wanted } from './section-plan.js';

/** What a creation gives: the new object's id, and of a key its secret. */
export interface Created {
  readonly id: string;
  readonly secret?: string;
  /** What of it has no effect. */
  readonly notices?: readonly string[];
}

/** What became of an object that was there already. */
export interface Kept {
  readonly changed: boolean;
  readonly notices?: readonly string[];
}

/** How the objects of one section are made, changed and removed, through the services that own them. */
export interface SectionWork<Entry, Form, Row extends Stored<Form>> extends SectionRules<Entry, Form> {
  readonly section: FileSection;
  readonly kind: ApplyKind;
  readonly entries: readonly Entry[];
  readonly stored: readonly Row[];
  readonly create: (entry: Entry) => Promise<Created>;
  /** The same for several at once, where one after the other would take too long. Each is checked in its own place. */
  readonly createMany?: (entries: readonly Entry[], inPlaceOf: InPlaceOf) => Promise<readonly Created[]>;
  /** Called for what did not change, too. */
  readonly keep: (wanted: Wanted<Entry, Form, Row>, stored: Row) => Promise<Kept>;
  readonly remove: (row: Row) => Promise<unknown>;
}

/** Runs what belongs to one of several entries; its error comes out with the place of that entry in the file. */
export type InPlaceOf = <T>(at: number, work: () => Promise<T>) => Promise<T>;

/** So many objects are made at once: a statement stays small, and the process answers others in between. */
const madeAtOnce = 50;

/** One section on its way to what the file says. */
export interface Section {
  readonly bring: () => Promise<void>;
  readonly prune: () => Promise<void>;
}

/** One tenant's part of an apply, in one transaction: what was there, what is wanted, and what has been done so far. */
export class TenantRun {
  readonly results: ApplyResult[] = [];

  constructor(
    readonly tx: Transaction,
    readonly actor: Actor,
    readonly entry: TenantEntry,
    /** Place of the tenant in the file: `tenants[0]`. */
    readonly path: string,
    readonly addresses: JudgedAddresses,
    readonly state: TenantState,
    readonly prune: boolean,
  ) {}

  section<Entry, Form extends object, Row extends Stored<Form>>(work: SectionWork<Entry, Form, Row>): Section {
    let planned: Promise<SectionPlan<Entry, Form, Row>> | undefined;
    const plan = () => (planned ??= planSection<Entry, Form, Row>(work.entries, work.stored, work));
    const path = `${this.path}.${work.section}`;
    return {
      bring: async () => {
        const breather = new Breather();
        for (const group of groupsOf(work, (await plan()).wanted)) {
          await this.bringGroup(work, path, group);
          await breather.pause();
        }
      },
      prune: async () => {
        for (const row of (await plan()).surplus) {
          await inPlace(path, () => work.remove(row), `"${row.name}" cannot be deleted. `);
          this.note(work.kind, row.name, 'deleted', row);
        }
      },
    };
  }

  note(kind: ApplyKind, name: string, action: ApplyAction, { id, secret, notices = [] }: Created): void {
    this.results.push({
      kind,
      tenant: this.entry.slug,
      name,
      id,
      action,
      ...(secret === undefined ? {} : { secret }),
      ...(notices.length === 0 ? {} : { notices: [...notices] }),
    });
  }

  /** A group that is made at once, or a single object. */
  private async bringGroup<Entry, Form, Row extends Stored<Form>>(
    work: SectionWork<Entry, Form, Row>,
    path: string,
    group: readonly Wanted<Entry, Form, Row>[],
  ): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    if (work.createMany === undefined || first.stored !== undefined) {
      await inPlace(`${path}[${first.at}]`, () => this.bringOne(work, first));
      return;
    }
    const entries = group.map(({ entry }) => entry);
    const inPlaceOf: InPlaceOf = (n, one) => inPlace(`${path}[${group[n]?.at ?? n}]`, one);
    const created = await work.createMany(entries, inPlaceOf);
    for (const [n, { name }] of group.entries()) {
      const made = created[n];
      if (made !== undefined) this.note(work.kind, name, 'created', made);
    }
  }

  private async bringOne<Entry, Form, Row extends Stored<Form>>(
    work: SectionWork<Entry, Form, Row>,
    wanted: Wanted<Entry, Form, Row>,
  ): Promise<void> {
    const { stored, name } = wanted;
    if (stored === undefined) {
      this.note(work.kind, name, 'created', await work.create(wanted.entry));
      return;
    }
    const { changed, notices = [] } = await work.keep(wanted, stored);
    this.note(work.kind, name, changed ? 'updated' : 'unchanged', { id: stored.id, notices });
  }
}

/** The objects in their order: new ones that do not build on one another in groups where the section can, others alone. */
function groupsOf<Entry, Form, Row extends Stored<Form>>(
  work: SectionWork<Entry, Form, Row>,
  wanted: readonly Wanted<Entry, Form, Row>[],
): Wanted<Entry, Form, Row>[][] {
  const groups: Wanted<Entry, Form, Row>[][] = [];
  const refers = ({ form }: Wanted<Entry, Form, Row>): boolean => work.refersToOthers?.(form) === true;
  for (const item of wanted) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const joins = work.createMany !== undefined && first?.stored === undefined && item.stored === undefined;
    if (group !== undefined && first !== undefined && joins && refers(first) === refers(item) && group.length < madeAtOnce)
      group.push(item);
    else groups.push([item]);
  }
  return groups;
}

/**
 * Runs what belongs to one place of the file. An error that a service throws on purpose comes out with that place: its
 * `param` is the path in the request, its message begins with the path in the file.
 */
export async function inPlace<T>(path: string, work: () => Promise<T>, prefix = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const place = error.param === null ? path : `${path}.${error.param}`;
    throw new AppError(error.code, { param: `file.${place}`, message: `${place}: ${prefix}${error.message}`, cause: error });
  }
}

/** A field that cannot change once an object is there. @throws AppError conflict when it would. */
export function refuseChange<Form>(changes: Partial<Form>, field: keyof Form & string, words: string): void {
  if (!Object.hasOwn(changes, field)) return;
  throw new AppError('conflict', {
    param: field,
    message: `The ${field} of a ${words} never changes. Give the ${words} another name, or delete it first.`,
  });
}
