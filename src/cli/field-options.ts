import { Option, type Command } from 'commander';
import { LineCounter, parse as parseYaml, YAMLParseError } from 'yaml';
import type { ZodType } from 'zod';
import { fieldFaults } from '../contracts/field-faults.js';
import { usageError } from './cli-error.js';

/** How a field of a schema is given on the command line. */
type FieldKind = 'text' | 'list' | 'switch' | 'data';

/** One field of a request as an option; derived from the schema that the platform itself checks with. */
interface FieldOption {
  readonly field: string;
  readonly kind: FieldKind;
  /** What the field means and the forms that it takes, in words. */
  readonly help: string;
}

interface Definition {
  readonly type: string;
  readonly innerType?: ZodType;
  readonly in?: ZodType;
  readonly out?: ZodType;
  readonly element?: ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly options?: readonly ZodType[];
  readonly shape?: Readonly<Record<string, ZodType>>;
}

/** Fields whose own name is a flag of all commands, each with the flag that it has instead. */
const otherFlags: Readonly<Record<string, string>> = { url: 'target-url' };

/** Adds an option for each field of the schema; fields named in `leftOut` have another way in. */
export function addFieldOptions(command: Command, schema: ZodType, leftOut: readonly string[] = []): Command {
  for (const option of fieldsOf(schema, leftOut)) command.addOption(optionOf(option));
  return command;
}

/**
 * The values that were given, by field. @param text true for a query, where every value stays text.
 * @throws CliError for a value that is no YAML, with the parser's reason and the place.
 */
export function givenFields(schema: ZodType, flags: Readonly<Record<string, unknown>>, text = false): Record<string, unknown> {
  const given = fieldsOf(schema, []).flatMap(({ field, kind }): [string, unknown][] => {
    const value = flags[camelCase(flagName(field))];
    if (value === undefined) return [];
    if (text) return [[field, typeof value === 'boolean' ? String(value) : value]];
    return [[field, typeof value === 'string' && kind === 'data' ? dataOf(field, value) : value]];
  });
  return Object.fromEntries(given);
}

/** Holds a request against its schema before it is sent. @throws CliError naming each flag that is wrong. */
export function checkFields(schema: ZodType, body: object): void {
  const result = schema.safeParse(body, { reportInput: true });
  if (result.success) return;
  const [first = 'The request is not valid.', ...rest] = fieldFaults(result.error).map(
    ({ path, message }) => `${flagOf(path)} ${message}.`,
  );
  throw usageError(first, ...rest);
}

function fieldsOf(schema: ZodType, leftOut: readonly string[]): FieldOption[] {
  const { type, in: source, shape = {} } = schema.def as unknown as Definition;
  if (type === 'pipe' && source !== undefined) return fieldsOf(source, leftOut);
  return Object.entries(shape)
    .filter(([field]) => field !== 'tenant' && !leftOut.includes(field))
    .map(([field, type]) => ({ field, kind: kindOf(type), help: helpOf(type) }));
}

function kindOf(schema: ZodType): FieldKind {
  const definition = schema.def as unknown as Definition;
  if (definition.type === 'pipe' && definition.out?.def.type === 'boolean') return 'switch';
  const inner = definition.innerType ?? (definition.type === 'pipe' ? definition.in : undefined);
  if (inner !== undefined) return kindOf(inner);
  if (definition.type === 'string' || definition.type === 'enum') return 'text';
  if (definition.type === 'boolean') return 'switch';
  return definition.type === 'array' ? 'list' : 'data';
}

/** What a field means, as its contract says it, and then the forms that it takes. */
function helpOf(schema: ZodType): string {
  const [meaning, forms] = [descriptionOf(schema), formsOf(schema)];
  if (meaning === undefined || forms === '') return meaning ?? forms;
  return `${meaning} ${forms.charAt(0).toUpperCase()}${forms.slice(1)}.`;
}

/** The description of a field: its own, or the one that it has without a default, null or a transformation. */
function descriptionOf(schema: ZodType): string | undefined {
  const { type, innerType, in: source } = schema.def as unknown as Definition;
  const inner = innerType ?? (type === 'pipe' ? source : undefined);
  return schema.description ?? (inner === undefined ? undefined : descriptionOf(inner));
}

/** What a field takes, as far as its schema tells: its options, or the names of its members. */
function formsOf(schema: ZodType): string {
  const { type, innerType, in: source, out, element, entries, shape, options } = schema.def as unknown as Definition;
  if (type === 'pipe' && out?.def.type === 'boolean') return '';
  const inner = innerType ?? (type === 'pipe' ? source : undefined);
  if (inner !== undefined) return formsOf(inner);
  if (entries !== undefined) return `one of ${Object.values(entries).join(', ')}`;
  if (shape !== undefined) return `{${Object.keys(shape).join(', ')}} in YAML or JSON`;
  if (element !== undefined) {
    const each = formsOf(element);
    return `separated by commas, or given several times${each === '' ? '' : `: ${each}`}`;
  }
  if (type === 'number') return 'a number';
  if (options?.every(isPlain) === true) return '';
  return type === 'string' || type === 'boolean' ? '' : 'in YAML or JSON';
}

/** Whether a value is written as it is: a text or a number, also one of several forms of them. */
function isPlain(schema: ZodType): boolean {
  const { type, innerType, in: source, options } = schema.def as unknown as Definition;
  const inner = innerType ?? (type === 'pipe' ? source : undefined);
  if (inner !== undefined) return isPlain(inner);
  return type === 'union' ? (options ?? []).every(isPlain) : ['string', 'number', 'enum'].includes(type);
}

function optionOf({ field, kind, help }: FieldOption): Option {
  const flag = `--${flagName(field)}`;
  switch (kind) {
    case 'text':
      return new Option(`${flag} <text>`, help);
    case 'switch':
      return new Option(`${flag} [true|false]`, `${help} The flag alone: true.`.trim()).argParser((text: string) =>
        booleanOf(flag, text),
      );
    case 'list':
      return new Option(`${flag} <a,b>`, help).argParser((text: string, before: string[] | undefined) => [
        ...(before ?? []),
        ...text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      ]);
    default:
      return new Option(`${flag} <value>`, help);
  }
}

function booleanOf(flag: string, text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw usageError(`${flag} takes true or false.`);
}

function dataOf(field: string, text: string): unknown {
  const lineCounter = new LineCounter();
  try {
    return parseYaml(text, { prettyErrors: false, lineCounter }) as unknown;
  } catch (error) {
    const forms = "It takes a number, or an object in YAML or JSON like '{name: value}'.";
    const flag = `--${flagName(field)}`;
    if (!(error instanceof YAMLParseError)) throw usageError(`${flag}: ${(error as Error).message}.`, forms);
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const isEscape = error.code === 'BAD_DQ_ESCAPE';
    throw usageError(
      `${flag}, line ${line}, column ${col}: ${error.message}.`,
      isEscape ? String.raw`Within double quotes a backslash is doubled, as in "\\d+".` : forms,
    );
  }
}

/** `raw_models[0].name` as `--raw-models[0].name`: only the field's own name is a flag. */
function flagOf(path: string): string {
  return path.replace(/^[^.[]*/, (field) => `--${flagName(field)}`);
}

function flagName(field: string): string {
  return otherFlags[field] ?? field.replaceAll('_', '-');
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
