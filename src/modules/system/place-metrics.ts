import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { CallPlaces } from '../../platform/upstream/call-places.js';

/** Shows how the places that tenants share stand among the process's metrics, never who has them. */
@Injectable()
export class PlaceMetrics {
  constructor(metrics: Metrics, calls: CallPlaces) {
    metrics.watch('gt_upstream_calls', 'Calls of tenants to providers that are under way.', () => calls.taken);
    metrics.watch('gt_upstream_waiting_calls', 'Calls of tenants to providers that wait for a place.', () => calls.waiting);
  }
}
