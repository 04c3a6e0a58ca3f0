import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { adminRouteIds, adminRouteRow } from '../../catalog/admin-routes.js';
import { routeIds, routeRow, type RouteId } from '../../catalog/routes.js';
import { gtRouteKey } from './gt-route.decorator.js';

/** The route table and the handlers do not fit. Start-up prints every line and ends. */
export class RouteTableError extends Error {
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'RouteTableError';
  }
}

/**
 * Holds the tables against the handlers: each row has one handler, each handler a row, and no two rows share method and
 * path.
 * @param relayed rows whose handler is no controller's.
 * @throws RouteTableError with a line for each fault.
 */
export function checkRoutes(discovery: DiscoveryService, scanner: MetadataScanner, relayed: readonly RouteId[]): void {
  const handlers = new Map(relayed.map((id) => [`tenant ${id}`, ['RelayDoor']]));
  const lines: string[] = [];
  for (const { instance, metatype } of discovery.getControllers()) {
    if (instance === null || typeof instance !== 'object' || metatype == null) continue;
    const prototype = Object.getPrototypeOf(instance) as Record<string, unknown>;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name] as object;
      const row = Reflect.getMetadata(gtRouteKey, handler) as string | undefined;
      if (row !== undefined) handlers.set(row, [...(handlers.get(row) ?? []), `${metatype.name}.${name}`]);
      else if (Reflect.hasMetadata('path', handler)) lines.push(`The handler ${metatype.name}.${name} has no row.`);
    }
  }
  lines.push(...faults(handlers));
  if (lines.length > 0) throw new RouteTableError(lines);
}

function faults(handlers: ReadonlyMap<string, readonly string[]>): string[] {
  const rows = [
    ...routeIds.map((id) => ({ name: `tenant ${id}`, row: routeRow(id) })),
    ...adminRouteIds.map((id) => ({ name: `admin ${id}`, row: adminRouteRow(id) })),
  ];
  const places = new Map<string, string>();
  return rows.flatMap(({ name, row }) => {
    const place = `${name.split(' ')[0]} ${row.method} ${row.path.replace(/\{[a-z_]+\}/g, '{}')}`;
    const other = places.get(place);
    places.set(place, name);
    const found = handlers.get(name) ?? [];
    return [
      other === undefined ? [] : [`The rows "${other}" and "${name}" share method and path.`],
      found.length === 0 ? [`The row "${name}" has no handler.`] : [],
      found.length > 1 ? [`The row "${name}" has the handlers ${found.join(', ')}.`] : [],
    ].flat();
  });
}
