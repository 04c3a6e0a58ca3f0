import { fileURLToPath } from 'node:url';

const built = (path) => import(fileURLToPath(new URL(`../dist/${path}.js`, import.meta.url)));

const name = 'virtual:facts';

/**
 * What the pages need to know of the platform's own tables, read out of the built product: the routes of the admin plane, and the scopes,
 * presets and routes of the data plane. The browser gets these few words of each row, and none of the schemas.
 */
export function facts() {
  return {
    name: 'gt-facts',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: async (id) => (id === `\0${name}` ? await text() : undefined),
  };
}

async function text() {
  const { adminRoutes } = await built('catalog/admin-routes');
  const { routeIds, routeRow } = await built('catalog/routes');
  const { scopes, purposes, modalityScopes } = await built('contracts/scopes');
  const { webhookEvents } = await built('contracts/webhooks');
  const { passedOn, scopesOfPurpose } = await built('catalog/purposes');
  const { connectionWires: wires } = await built('contracts/wires');
  const { adminRoles } = await built('catalog/admin/roles');
  const admin = Object.fromEntries(
    Object.entries(adminRoutes).map(([id, { method, path, role, plane }]) => [id, { method, path, role, plane }]),
  );
  const routes = routeIds.map((id) => {
    const { method, path, group, scopes: needed, access, summary } = routeRow(id);
    return { id, method, path, group, scopes: needed, access, summary };
  });
  const rights = Object.fromEntries(
    purposes.map((purpose) => [purpose, { own: scopesOfPurpose(purpose), passedOn: passedOn(purpose, scopes) }]),
  );
  return Object.entries({ admin, routes, scopes, purposes, modalityScopes, rights, adminRoles, wires, webhookEvents })
    .map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};`)
    .join('\n');
}
