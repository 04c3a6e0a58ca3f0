import type { ApplyAction, ApplyKind, ApplyResult, FileSection, TenantEntry } from '../../contracts/platform-file.js';
import { AppError } from '../../kernel/app-error.js';
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

/**
 * How the objects of one section are made, changed and removed, through the services that own them. Each step takes
 * several objects: `each` makes one of what is done to a single object.
 */
export interface SectionWork<Entry, Form, Row extends Stored<Form>> extends SectionRules<Entry, Form> {
  readonly section: FileSection;
  readonly kind: ApplyKind;
  readonly entries: readonly Entry[];
  readonly stored: readonly Row[];
  readonly create: Step<Entry, Created>;
  /** Called for what did not change, too. */
  readonly keep: Step<Present<Entry, Form, Row>, Kept>;
  readonly remove: Step<Row, unknown>;
  /** True where it does not matter whether new objects come before those that are there: more of them go together then. */
  readonly inAnyOrder?: boolean;
}

/** An object that the file names and the tenant has. */
export type Present<Entry, Form, Row extends Stored<Form>> = Wanted<Entry, Form, Row> & { readonly stored: Row };

/** What is done to some objects of a section at once; the results have their order. */
export type Step<Item, Result> = (items: readonly Item[], inPlaceOf: InPlaceOf) => Promise<readonly Result[]>;

/** Runs what belongs to one of several objects; its error comes out with the place of that object in the file. */
export type InPlaceOf = <T>(at: number, work: () => T) => T;

/** One object after the other. */
export function each<Item, Result>(one: (item: Item) => Promise<Result>): Step<Item, Result> {
  return async (items, inPlaceOf) => {
    const results: Result[] = [];
    for (const [at, item] of items.entries()) results.push(await inPlaceOf(at, () => one(item)));
    return results;
  };
}

/** So many objects are done at once: a statement stays small, and the process answers others in between. */
const doneAtOnce = 100;

/** One section on its way to what the file says. */
export interface Section {
  /** How many objects `bring` and `prune` have before them. */
  readonly sizes: () => Promise<{ readonly bring: number; readonly prune: number }>;
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
    /** Hears how many more objects are as they should be. */
    private readonly onDone: (count: number) => void,
  ) {}

  section<Entry, Form extends object, Row extends Stored<Form>>(work: SectionWork<Entry, Form, Row>): Section {
    let planned: Promise<SectionPlan<Entry, Form, Row>> | undefined;
    const plan = () => (planned ??= planSection<Entry, Form, Row>(work.entries, work.stored, work));
    const path = `${this.path}.${work.section}`;
    return {
      sizes: async () => {
        const { wanted, surplus } = await plan();
        return { bring: wanted.length, prune: surplus.length };
      },
      bring: async () => {
        const { wanted } = await plan();
        const done = new Map<Wanted<Entry, Form, Row>, Done>();
        for (const group of groupsOf(work, wanted)) {
          await bringGroup(work, path, group, done);
          this.onDone(group.length);
        }
        for (const item of wanted) {
          const became = done.get(item);
          if (became !== undefined) this.note(work.kind, item.name, became.action, became);
        }
      },
      prune: async () => {
        for (const rows of portions((await plan()).surplus)) {
          await work.remove(rows, (at, one) => inPlace(path, one, `"${rows[at]?.name ?? ''}" cannot be deleted. `));
          for (const row of rows) this.note(work.kind, row.name, 'deleted', row);
          this.onDone(rows.length);
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
}

type Done = Created & { readonly action: ApplyAction };

/** Objects that go together: all are new, or all are there. */
async function bringGroup<Entry, Form, Row extends Stored<Form>>(
  work: SectionWork<Entry, Form, Row>,
  path: string,
  group: readonly Wanted<Entry, Form, Row>[],
  done: Map<Wanted<Entry, Form, Row>, Done>,
): Promise<void> {
  const inPlaceOf: InPlaceOf = (n, one) => inPlace(`${path}[${group[n]?.at ?? n}]`, one);
  const present = group.filter(isPresent);
  if (present.length > 0) {
    const kept = await work.keep(present, inPlaceOf);
    for (const [n, item] of present.entries()) {
      const { changed = false, notices = [] } = kept[n] ?? {};
      done.set(item, { action: changed ? 'updated' : 'unchanged', id: item.stored.id, notices });
    }
    return;
  }
  const entries = group.map(({ entry }) => entry);
  const created = await work.create(entries, inPlaceOf);
  for (const [n, item] of group.entries()) {
    const made = created[n];
    if (made !== undefined) done.set(item, { action: 'created', ...made });
  }
}

function isPresent<Entry, Form, Row extends Stored<Form>>(item: Wanted<Entry, Form, Row>): item is Present<Entry, Form, Row> {
  return item.stored !== undefined;
}

/** The objects in their order, cut into groups of such as do not build on one another and are all new or all there. */
function groupsOf<Entry, Form, Row extends Stored<Form>>(
  work: SectionWork<Entry, Form, Row>,
  wanted: readonly Wanted<Entry, Form, Row>[],
): (readonly Wanted<Entry, Form, Row>[])[] {
  const sortOf = ({ form, stored }: Wanted<Entry, Form, Row>): number =>
    (work.refersToOthers?.(form) === true ? 2 : 0) + (stored === undefined ? 0 : 1);
  const ordered = work.inAnyOrder === true ? wanted.toSorted((a, b) => sortOf(a) - sortOf(b)) : wanted;
  const runs: Wanted<Entry, Form, Row>[][] = [];
  let sort: number | undefined;
  for (const item of ordered) {
    if (sort !== sortOf(item)) runs.push([]);
    sort = sortOf(item);
    runs.at(-1)?.push(item);
  }
  return runs.flatMap(portions);
}

function portions<Item>(items: readonly Item[]): (readonly Item[])[] {
  const count = Math.ceil(items.length / doneAtOnce);
  return Array.from({ length: count }, (_, n) => items.slice(n * doneAtOnce, (n + 1) * doneAtOnce));
}

/**
 * Runs what belongs to one place of the file, now or in time. An error that a service throws on purpose comes out with
 * that place: its `param` is the path in the request, its message begins with the path in the file.
 */
export function inPlace<T>(path: string, work: () => T, prefix = ''): T {
  const placed = (error: unknown): never => {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    const place = error.param === null ? path : `${path}.${error.param}`;
    throw new AppError(error.code, { param: `file.${place}`, message: `${place}: ${prefix}${error.message}`, cause: error });
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(placed) as T) : result;
  } catch (error) {
    return placed(error);
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
