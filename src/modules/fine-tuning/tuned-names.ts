import { isFields, type Fields } from '../../kernel/fields.js';
import { randomBase62 } from '../../kernel/ids.js';

const mostBase = 64;

/**
 * How a model will be named: `ft:<base>:<tenant>:<suffix>:<random>`. A model that was fine-tuned before keeps the base of its
 * name.
 */
export function tunedName(base: string, tenantSlug: string, suffix: string | null): string {
  const root = base.startsWith('ft:') ? (base.split(':')[1] ?? '') : base;
  const end = (suffix ?? '').replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, mostBase);
  return `ft:${root.slice(0, mostBase)}:${tenantSlug}:${end}:${randomBase62(8)}`;
}

/** Graders that ask a model. */
const asking: ReadonlySet<unknown> = new Set(['score_model', 'label_model']);
const deepest = 6;

/** A method in which each model that a grader asks has another name. @param nameOf what is thrown for one that may not be asked. */
export function withGraderModels<M extends object>(method: M, nameOf: (model: string, path: string) => string): M {
  const rename = (value: unknown, path: string, levels: number): unknown => {
    if (Array.isArray(value)) return value.map((one: unknown, at) => rename(one, `${path}[${at}]`, levels));
    if (!isFields(value) || levels === 0) return value;
    const renamed: Fields = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, rename(member, `${path}.${name}`, levels - 1)]),
    );
    const { model } = value;
    if (!asking.has(value['type']) || typeof model !== 'string') return renamed;
    return { ...renamed, model: nameOf(model, `${path}.model`) };
  };
  const { reinforcement } = method as { readonly reinforcement?: Fields };
  if (reinforcement === undefined) return method;
  const grader = rename(reinforcement['grader'], 'method.reinforcement.grader', deepest);
  return { ...method, reinforcement: { ...reinforcement, grader } };
}
