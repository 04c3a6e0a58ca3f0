import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { inferenceKinds } from '../../src/modules/inference/kinds/kinds.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.includes('/generated/'))
  .map((file) => ({ file: relative(src, join(src, file)), text: readFileSync(join(src, file), 'utf8') }));

/** The text of each handler, from its decorator to the next one, by the name of its row. */
const handlers = new Map<string, { readonly id: string; readonly text: string }>(
  files
    .filter(({ file }) => file.startsWith('http/controllers/'))
    .flatMap(({ text }) => text.split(/(?=@(?:GtRoute|AdminRoute)\()/).slice(1))
    .map((text) => {
      const [, plane = '', id = ''] = /^@(Gt|Admin)Route\('([^']+)'\)/.exec(text) ?? [];
      return [`${plane === 'Gt' ? 'tenant' : 'admin'} ${id}`, { id, text: text.slice(text.indexOf(')')) }] as const;
    }),
);

const rows = [
  ...routeIds.map((id) => ({ name: `tenant ${id}`, row: routeRow(id) })),
  ...adminRouteIds.map((id) => ({ name: `admin ${id}`, row: adminRouteRow(id) })),
];

/** Relayed calls have no handler in a controller: their kinds read bytes. An apply is parsed in slices. */
const elsewhere = new Set([
  ...inferenceKinds.map(({ routeId }) => `tenant ${routeId}`),
  'tenant responses.websocket',
  'admin platform-file.apply',
]);

/** A call of the function, or of a method of the controller that is told the row. */
const asking = (word: string, id: string): RegExp => {
  const row = `'${id.replaceAll('.', String.raw`\.`)}'`;
  return new RegExp(String.raw`\b${word}\(request, ${row}|\bthis\.\w+\([^)]*${row}`);
};

describe('handlers', () => {
  it('read a body by their row alone', () => {
    const parsing = files.filter(
      ({ file, text }) => file.startsWith('http/') && /\b(?:parseBody|parseLargeBody|safeParse|parseJson)\(/.test(text),
    );
    expect(parsing.map(({ file }) => file).sort()).toEqual([
      // The parser, and that of an apply, in slices; the one that asks the row; the fields of a form, by the row's schema.
      'http/body/parse-apply.ts',
      'http/body/parse-input.ts',
      'http/routing/row-body.ts',
      'http/uploads/upload-reader.ts',
    ]);
  });

  it('ask for the row that they stand on', () => {
    const foreign = [...handlers].flatMap(([name, { id, text }]) =>
      [...text.matchAll(/\b(?:queryOf|bodyOf|formFieldsOf|adminQueryOf|adminBodyOf)\(request, '([^']+)'/g)]
        .filter(([, asked]) => asked !== id)
        .map(([, asked]) => `${name} asks for ${asked}`),
    );
    expect(foreign).toEqual([]);
  });

  it.each(rows.filter(({ name, row }) => row.query !== undefined && !elsewhere.has(name)))(
    '$name: parse the query that the row declares',
    ({ name }) => {
      const { id = '', text = '' } = handlers.get(name) ?? {};
      expect([name, asking('(?:adminQ|q)ueryOf', id).test(text)]).toEqual([name, true]);
    },
  );

  it.each(rows.filter(({ name, row }) => row.request !== undefined && !elsewhere.has(name)))(
    '$name: parse the body that the row declares',
    ({ name }) => {
      const { id = '', text = '' } = handlers.get(name) ?? {};
      expect([name, asking('(?:adminBodyOf|bodyOf|formFieldsOf)', id).test(text)]).toEqual([name, true]);
    },
  );
});

describe('the shapes of what is passed on', () => {
  it('are there for documents alone: nothing that serves a call loads them', () => {
    const users = files.filter(
      ({ file, text }) => !file.startsWith('catalog/shapes/') && /from '[^']*\/shapes\/[^']+'/.test(text),
    );
    expect(users.map(({ file }) => file)).toEqual(['catalog/described-route.ts']);
    const describing = files.filter(({ text }) => /from '[^']*\/described-route\.js'/.test(text));
    expect(
      describing.map(({ file }) => file).filter((file) => !/^catalog\/(?:openapi|harbor|runbooks\/evidence)/.test(file)),
    ).toEqual([]);
    const loading = files.filter(({ text }) => /from '[^']*\/catalog\/(?:openapi|harbor\/manifest)[^']*'/.test(text));
    expect(loading.map(({ file }) => room(file)).filter((name) => !['catalog', 'cli'].includes(name))).toEqual([]);
  });
});

function room(file: string): string {
  return file.split('/')[0] ?? '';
}
