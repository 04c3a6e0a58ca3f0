import { isFields, type Fields } from '../../kernel/fields.js';
import { storable } from '../../platform/journal/record-columns.js';
import { hideSecrets } from '../../platform/upstream/hide-secrets.js';
import { scrub } from '../../platform/upstream/scrub.js';

/** Ids and names of a provider, each with the platform's own; null: it has none and is not told. */
export type KnownNames = ReadonlyMap<string, string | null>;

/** What a provider's words are cleaned of. */
export interface Told {
  readonly names: KnownNames;
  /** The provider's name of the model that is fine-tuned, and the published one. */
  readonly baseModel: string;
  readonly model: string;
  readonly secrets: readonly string[];
}

/** Whatever looks like an id or a fine-tuned model of OpenAI's: what is not known must not be told either. */
const idForms = /\bft:[^\s"'`,;()<>]+|\b(?:file|ftjob|ftevent|ftckpt|batch|asst)[-_](?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{5,}/g;
const removed = '[removed]';
/** Stand in for names while a text is cleaned, which could take parts of them away. */
const [open, close] = ['\u0001', '\u0002'];
const mostText = 1_000;
const mostOfData = 200;
/** A shorter name of a provider could be any word. */
const leastLength = 6;

/** A text with our names in the place of a provider's, the longest first. @param show how one of ours stands in it. */
export function withKnownNames(text: string, names: KnownNames, show = (ours: string): string => ours): string {
  const known = [...names].filter(([theirs]) => theirs.length >= leastLength).sort(([a], [b]) => b.length - a.length);
  let said = text;
  for (const [theirs, ours] of known) said = said.replaceAll(theirs, () => (ours === null ? removed : show(ours)));
  return said;
}

/**
 * A sentence of a provider as the tenant may read it: with the platform's own ids and names, and nothing of the inside. It can be
 * stored, whatever the provider says.
 */
export function cleanText(text: string, { names, baseModel, model, secrets }: Told, most = mostText): string {
  const shown: string[] = [];
  const stand = (name: string): string => `${open}${shown.push(name) - 1}${close}`;
  let said = hideSecrets(text.replaceAll(open, '').replaceAll(close, ''), secrets);
  said = withKnownNames(said, names, stand);
  said = said.replace(idForms, removed);
  const clean = scrub(said, { providerModel: baseModel, publishedName: model });
  const named = clean.replaceAll(/\u0001(\d+)\u0002/g, (_all, at: string) => shown[Number(at)] ?? removed);
  // Behind a cut there may be half of a character.
  return storable(named.slice(0, most));
}

const memberName = /^[A-Za-z0-9_]{1,64}$/;
const mostMembers = 64;
const deepest = 3;

/** The figures that come with an event: numbers as they are, texts cleaned, at most 64 members and three levels. */
export function cleanData(data: unknown, told: Told): Fields {
  return isFields(data) ? fieldsOf(data, told, deepest) : {};
}

function fieldsOf(fields: Fields, told: Told, levels: number): Fields {
  const entries = Object.entries(fields).filter(([name]) => memberName.test(name) && name !== '__proto__');
  return Object.fromEntries(
    entries.slice(0, mostMembers).flatMap(([name, value]) => {
      const clean = cleanValue(value, told, levels);
      return clean === undefined ? [] : [[name, clean] as const];
    }),
  );
}

function cleanValue(value: unknown, told: Told, levels: number): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return cleanText(value, told, mostOfData);
  if (isFields(value) && levels > 1) return fieldsOf(value, told, levels - 1);
  return undefined;
}
