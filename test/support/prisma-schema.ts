import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ColumnShape {
  readonly type: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
}

export interface TableShape {
  readonly columns: Readonly<Record<string, ColumnShape>>;
  readonly primaryKey: readonly string[];
  /** Column lists, sorted, as text. */
  readonly uniques: readonly string[];
  readonly indexes: readonly string[];
  readonly foreignKeys: readonly string[];
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly list: boolean;
  readonly optional: boolean;
  readonly rest: string;
}

const sqlTypes: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Json: 'jsonb',
  Bytes: 'bytea',
  DateTime: 'timestamp(3) with time zone',
  Float: 'double precision',
};

/** The tables that schema.prisma describes, as far as a database can be compared with them. */
export function schemaTables(): Record<string, TableShape> {
  const text = readFileSync(fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url)), 'utf8').replace(
    /^\s*\/\/.*$/gm,
    '',
  );
  const models = [...text.matchAll(/^model (\w+) \{([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => ({ name, body }));
  const tableNames = new Map(models.map(({ name, body }) => [name, /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name]));
  return Object.fromEntries(models.map(({ name, body }) => [tableNames.get(name) ?? name, tableShape(body, tableNames)]));
}

function tableShape(body: string, tables: ReadonlyMap<string, string>): TableShape {
  const fields = [...body.matchAll(/^\s+(\w+)\s+(Unsupported\("\w+"\)|\w+)(\[\])?(\?)?(.*)$/gm)].map(
    ([, name = '', type = '', list, optional, rest = '']): Field => ({
      name,
      type,
      list: list !== undefined,
      optional: optional !== undefined,
      rest,
    }),
  );
  const columns = fields.filter((field) => !tables.has(field.type));
  const columnOf = new Map(columns.map((field) => [field.name, /@map\("(\w+)"\)/.exec(field.rest)?.[1] ?? field.name]));
  const listOf = (text: string): string[] => text.split(',').map((part) => columnOf.get(part.trim()) ?? part.trim());
  const block = (kind: string): string[][] =>
    [...body.matchAll(new RegExp(`@@${kind}\\(\\[([^\\]]+)\\]`, 'g'))].map(([, names = '']) => listOf(names));
  const single = (mark: RegExp): string[][] =>
    columns.filter((field) => mark.test(field.rest)).map((field) => [columnOf.get(field.name) ?? '']);
  return {
    columns: Object.fromEntries(columns.map((field) => [columnOf.get(field.name) ?? '', columnShape(field)])),
    primaryKey: [...block('id'), ...single(/@id\b/)][0] ?? [],
    uniques: sorted([...block('unique'), ...single(/@unique\b/)]),
    indexes: sorted(block('index')),
    foreignKeys: fields.flatMap((field) => foreignKey(field, tables, listOf)).sort(),
  };
}

function columnShape({ type, list, optional, rest }: Field): ColumnShape {
  const native = /@db\.(Real|Json)\b/.exec(rest)?.[1]?.toLowerCase();
  const base = native ?? /Unsupported\("(\w+)"\)/.exec(type)?.[1] ?? sqlTypes[type] ?? type;
  // A list without a default is nullable in the database, as Prisma makes it.
  return { type: list ? `${base}[]` : base, nullable: optional || list, hasDefault: /@default\(/.test(rest) };
}

function foreignKey(field: Field, tables: ReadonlyMap<string, string>, listOf: (text: string) => string[]): string[] {
  const own = /fields: \[([^\]]+)\]/.exec(field.rest)?.[1];
  if (own === undefined) return [];
  const action = /onDelete: (\w+)/.exec(field.rest)?.[1] ?? 'Restrict';
  return [
    `${listOf(own).join(',')} -> ${tables.get(field.type) ?? ''} on delete ${action.replace('NoAction', 'no action').toLowerCase()}`,
  ];
}

function sorted(lists: readonly (readonly string[])[]): string[] {
  return lists.map((list) => list.join(',')).sort();
}
