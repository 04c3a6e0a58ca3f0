import { canonicalUrl } from '../base-url.js';
import { routeRow } from '../routes.js';
import { clientUrl } from './client-url.js';
import type { Fault } from './lint-finding.js';
import { settingTexts } from './row-texts.js';
import type { RunbookRow } from './runbook-row.js';

const root = '{{origin}}/api/tenant';
const v1 = `${root}/v1`;

/**
 * What the product is configured with ends as its rule says, and leads to the routes in the way in which the client joins
 * addresses. No setting has an address of another form.
 */
export function lintBaseUrl(row: RunbookRow): Fault[] {
  const { rule, value } = row.baseUrl;
  if (rule === 'none' || value === null || row.client === null) {
    const isNone = rule === 'none' && value === null && row.client === null;
    return isNone
      ? []
      : [fault('A product takes a base URL with a rule of its own, or has no value, habits and the rule "none".')];
  }
  return [...valueFaults(row, value), ...joinFaults(row, value), ...addressFaults(row, value)];
}

function valueFaults({ baseUrl: { rule }, routes }: RunbookRow, value: string): Fault[] {
  const expected = {
    v1: value === v1 || value === `${v1}/`,
    root: value === root,
    either: value === v1 || value === root,
    full: routes.some(({ route }) => value === address(route)),
    host_plus_path: routes.some(({ route }) => value === address(route)),
    none: false,
  }[rule];
  return expected ? [] : [fault(`${value} has not the form of the rule "${rule}".`)];
}

function joinFaults({ baseUrl: { rule }, routes, client }: RunbookRow, value: string): Fault[] {
  if (client === null || rule === 'full' || rule === 'host_plus_path') {
    const takesWhole = client?.joins === (rule === 'full' ? 'as_is' : 'host_and_path');
    return takesWhole ? [] : [fault(`The rule "${rule}" does not go with a client that joins by "${client?.joins ?? ''}".`)];
  }
  const called = (configured: string) =>
    routes.map(({ route }) => ({ url: clientUrl(client.joins, configured, routeRow(route).path), wanted: address(route) }));
  const missed = called(value).filter(({ url, wanted }) => url !== wanted);
  const tolerated =
    rule !== 'either' ? [] : called(value === v1 ? root : v1).filter(({ url, wanted }) => reached(url) !== reached(wanted));
  return [...missed, ...tolerated].map(({ url, wanted }) => fault(`The client calls ${url} and should call ${wanted}.`));
}

/** Addresses in settings: the value, what leads to a route that the product uses, or the description of the API. */
function addressFaults(row: RunbookRow, value: string): Fault[] {
  const { rule } = row.baseUrl;
  const allowed = new Set([
    value,
    `{{origin}}/openapi.json`,
    ...(rule === 'v1' ? [`${v1}/`] : []),
    ...(rule === 'either' ? [v1, root] : []),
    ...(rule === 'full' ? [v1] : []),
    ...(rule === 'host_plus_path' ? ['{{origin}}'] : []),
    ...row.routes.map(({ route }) => address(route)),
  ]);
  return settingTexts(row)
    .flatMap((text) => text.match(/\{\{origin\}\}[^\s"'`,;)\]}|<]*/g) ?? [])
    .filter((found) => !allowed.has(found.replace(/\/…$/, '')))
    .map((found) => fault(`${found} is configured, which the rule "${rule}" does not allow.`));
}

function address(route: RunbookRow['routes'][number]['route']): string {
  return v1 + routeRow(route).path;
}

function reached(url: string): string {
  return canonicalUrl(url.replace('{{origin}}', ''));
}

function fault(detail: string): Fault {
  return { rule: 'base_url', detail };
}
