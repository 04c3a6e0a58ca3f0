import { load as loadOnce, resolve as resolveOnce } from '../support/runner/typescript-hooks.mjs';

/**
 * Loads sources as the tests do, and again where it is asked for: `?again=1` loads that file alone anew, `?all=1` with it all
 * sources that it imports, so that what they compute when they are loaded is computed anew. Packages are loaded once.
 */
export async function resolve(specifier, context, next) {
  const parent = context.parentURL === undefined ? undefined : new URL(context.parentURL);
  const all = parent?.searchParams.get('all') ?? null;
  if (parent !== undefined) parent.search = '';
  const found = await resolveOnce(specifier, { ...context, parentURL: parent?.href }, next);
  return all === null || !found.url.endsWith('.ts') ? found : { ...found, url: `${found.url}?all=${all}` };
}

const compiled = new Map();

export async function load(url, context, next) {
  const [file] = url.split('?');
  if (!file.startsWith('file:') || !file.endsWith('.ts')) return next(url, context);
  if (!compiled.has(file)) compiled.set(file, await loadOnce(file, context, next));
  return compiled.get(file);
}
