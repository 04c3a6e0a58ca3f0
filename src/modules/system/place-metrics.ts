import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { CallPlaces } from '../../platform/upstream/call-places.js';

/** Shows how the places that tenants share stand among the process's metrics, never who has them. */
@Injectable()
export class PlaceMetrics {
  constructor(metrics: Metrics, calls: CallPlaces, database: TenantDatabase) {
    metrics.watch('gt_upstream_calls', 'Calls of tenants to providers that are under way.', () => calls.taken);
    metrics.watch('gt_upstream_waiting_calls', 'Calls of tenants to providers that wait for a place.', () => calls.waiting);
    metrics.watch('gt_database_waiting', 'Transactions of tenants that wait for a connection.', () => database.waiting);
  }
}
