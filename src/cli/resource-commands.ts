import type { Command } from 'commander';
import { z } from 'zod';
import { adminRouteRow, type AdminRouteId } from '../catalog/admin-routes.js';
import { usageError } from './cli-error.js';
import { confirmed, print, remark, type CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { readYamlFile } from './yaml-file.js';
import { fieldLines, table } from './table.js';

/** A resource of the admin plane as a group of commands: `gt <name> list|get|create|update|delete`. */
export interface Resource {
  readonly name: string;
  readonly plural: string;
  readonly routes: { readonly [Verb in 'list' | 'get' | 'create' | 'update' | 'delete']?: AdminRouteId };
  /** Fields that a list shows. */
  readonly columns: readonly string[];
  /** An object as it is shown by itself, where that is not as the platform gives it. */
  readonly shownOf?: (object: Record<string, unknown>) => Record<string, unknown>;
  /** What a list shows of an object, where that is not the object as it is shown by itself. */
  readonly rowOf?: (object: Record<string, unknown>) => Record<string, unknown>;
  /** For a resource whose routes take ids alone: the field by which a list finds what people name, and an id's form. */
  readonly lookUp?: { readonly field: string; readonly id: RegExp };
}

type Flags = Readonly<Record<string, unknown>>;

const listReply = z.looseObject({
  data: z.array(z.record(z.string(), z.unknown())),
  has_more: z.boolean().optional(),
  last_id: z.string().nullish(),
});

/** Lets a command add to or change a body that was put together from its flags. */
export type BodyEdit = (body: Record<string, unknown>, flags: Flags) => Record<string, unknown>;

/** Adds the group with the commands that the resource has routes for; the caller adds further verbs to it. */
export function addResource(program: Command, context: CliContext, resource: Resource, edit: BodyEdit = (body) => body): Command {
  const group = program.command(resource.name).description(`${resource.plural} of a tenant`);
  const { list, get, create, update, delete: remove } = resource.routes;
  if (list !== undefined) addList(group, context, resource, list);
  if (get !== undefined) {
    group
      .command(`get <${resource.name}>`)
      .description(adminRouteRow(get).summary)
      .action(async (named: string) => {
        printObject(
          context,
          await context.http.call(get, { id: await idOf(context, resource, named), query: tenantQueryOf(context, get) }),
          resource.shownOf,
        );
      });
  }
  if (create !== undefined) addCreate(group, context, resource, create, edit);
  if (update !== undefined) addUpdate(group, context, resource, update, edit);
  if (remove !== undefined) addDelete(group, context, resource, remove);
  return group;
}

function addList(group: Command, context: CliContext, resource: Resource, route: AdminRouteId): void {
  const { query, summary } = adminRouteRow(route);
  const command = group.command('list').description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (flags: Flags) => {
    printList(
      context,
      await context.http.call(route, { query: queryOf(context, route, flags) }),
      resource.columns,
      resource.rowOf ?? resource.shownOf,
    );
  });
}

function addCreate(group: Command, context: CliContext, { shownOf }: Resource, route: AdminRouteId, edit: BodyEdit): void {
  const { request = z.object({}), summary } = adminRouteRow(route);
  addFieldOptions(group.command('create').description(summary), request)
    .option('--from <file>', 'fields from a YAML or JSON file; flags win')
    .action(async (flags: Flags) => {
      const body = edit(bodyOf(request, flags), flags);
      checkFields(request, body);
      printObject(context, await context.http.call(route, { query: tenantQueryOf(context, route), body }), shownOf);
    });
}

function addUpdate(group: Command, context: CliContext, resource: Resource, route: AdminRouteId, edit: BodyEdit): void {
  const { request = z.object({}), summary } = adminRouteRow(route);
  addFieldOptions(group.command(`update <${resource.name}>`).description(summary), request)
    .option('--from <file>', 'fields from a YAML or JSON file; flags win')
    .action(async (named: string, flags: Flags) => {
      const body = edit(bodyOf(request, flags), flags);
      if (Object.keys(body).length === 0)
        throw usageError(`Nothing to change: give at least one field ("gt ${resource.name} update --help" lists them).`);
      checkFields(request, body);
      const id = await idOf(context, resource, named);
      const updated = await context.http.call(route, { id, query: tenantQueryOf(context, route), body });
      printObject(context, updated, resource.shownOf);
    });
}

function addDelete(group: Command, context: CliContext, resource: Resource, route: AdminRouteId): void {
  const { query, summary } = adminRouteRow(route);
  const command = group.command(`delete <${resource.name}>`).description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (named: string, flags: Flags) => {
    const how = queryOf(context, route, flags);
    if (!(await confirmed(context, `Delete the ${resource.name} ${named}?`))) throw usageError('Nothing was deleted.');
    const id = await idOf(context, resource, named);
    const deleted = await context.http.call(route, { id, query: how });
    print(context, deleted, () => `Deleted ${String(deleted['id'])}.\n`);
  });
}

/** Adds a command for one more route of a resource, with an option for each field of its request. */
export function addVerb(group: Command, context: CliContext, resource: Resource, verb: string, route: AdminRouteId): Command {
  const { request, summary } = adminRouteRow(route);
  const command = group.command(`${verb} <${resource.name}>`).description(summary);
  if (request !== undefined) addFieldOptions(command, request);
  return command.action(async (named: string, flags: Flags) => {
    const body = checkedBody(request, flags);
    const id = await idOf(context, resource, named);
    printObject(context, await context.http.call(route, { id, query: tenantQueryOf(context, route), ...body }));
  });
}

/** Adds a command for a route that names no resource and takes no tenant, with an option for each field of its request. */
export function addCall(
  group: Command,
  context: CliContext,
  verb: string,
  route: AdminRouteId,
  show: (context: CliContext, answer: Record<string, unknown>) => void = printObject,
): void {
  const { request, summary } = adminRouteRow(route);
  const command = group.command(verb).description(summary);
  if (request !== undefined) addFieldOptions(command, request);
  command.action(async (flags: Flags) => {
    show(context, await context.http.call(route, checkedBody(request, flags)));
  });
}

function checkedBody(request: z.ZodType | undefined, flags: Flags): { readonly body?: Record<string, unknown> } {
  if (request === undefined) return {};
  const body = givenFields(request, flags);
  checkFields(request, body);
  return { body };
}

/** The id of what a person named: an id as it is, a name looked up where the route takes ids alone. */
export async function idOf(context: CliContext, { name, routes, lookUp }: Resource, named: string): Promise<string> {
  if (named === '') throw usageError(`Name the ${name}.`);
  if (lookUp === undefined || routes.list === undefined || lookUp.id.test(named)) return named;
  const query = { ...tenantQueryOf(context, routes.list), [lookUp.field]: named, limit: '1' };
  const [found] = listReply.parse(await context.http.call(routes.list, { query })).data;
  return typeof found?.['id'] === 'string' ? found['id'] : named;
}

/** `?tenant=` where the route acts in one tenant and --tenant names it. */
export function tenantQueryOf({ flags }: CliContext, route: AdminRouteId): Record<string, string | undefined> {
  const { query } = adminRouteRow(route);
  const takesTenant = Object.hasOwn((query as unknown as { shape?: object } | undefined)?.shape ?? {}, 'tenant');
  return takesTenant ? { tenant: flags().tenant } : {};
}

/** The query of a route: the tenant, and what was given of its other parameters. */
export function queryOf(context: CliContext, route: AdminRouteId, flags: Flags): Record<string, string | undefined> {
  const { query } = adminRouteRow(route);
  const given = query === undefined ? {} : givenFields(query, flags, true);
  const filters = Object.fromEntries(Object.entries(given).map(([field, value]) => [field, String(value)]));
  if (query !== undefined) checkFields(query, filters);
  return { ...filters, ...tenantQueryOf(context, route) };
}

/** Prints a page as a table and says when there is more. @param rowOf what the table shows of an object. */
export function printList(
  context: CliContext,
  reply: Record<string, unknown>,
  columns: readonly string[],
  rowOf: (object: Record<string, unknown>) => Record<string, unknown> = (object) => object,
): void {
  const { data, has_more, last_id } = listReply.parse(reply);
  print(context, reply, () => (data.length === 0 ? '' : table(columns, data.map(rowOf))));
  if (data.length === 0) remark(context, 'There are none.');
  if (has_more === true && last_id != null) remark(context, `There are more: --after ${last_id}`);
}

/** Prints one object; a secret comes with the advice to keep it. @param shownOf what people see of it. */
export function printObject(
  context: CliContext,
  object: Record<string, unknown>,
  shownOf: Resource['shownOf'] = (one) => one,
): void {
  print(context, object, () => fieldLines(shownOf(object)));
  if (typeof object['secret'] === 'string') remark(context, 'The secret is shown this once: keep it now.');
}

function bodyOf(request: z.ZodType, flags: Flags): Record<string, unknown> {
  const file = flags['from'];
  return { ...(typeof file === 'string' ? readYamlFile(file) : {}), ...givenFields(request, flags) };
}
