import { Injectable } from '@nestjs/common';
import { connectionLimits } from '../../../contracts/connection-limits.js';
import { Log } from '../../../observability/log.js';
import { Metrics } from '../../../observability/metrics.js';
import { Circuit, type CircuitWatcher } from './circuit.js';

/** As many connections are remembered; those that were read longest ago go first. */
const mostCircuits = 10_000;
/** So many connections have series of their own in the metrics, those that were read first; all others are one. */
const mostSeries = 200;
const others = 'other';
const stateNumbers = { closed: 0, half_open: 1, open: 2 } as const;

/** A connection's row, as far as its circuit goes. */
export interface CircuitRow {
  readonly tenantId: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly proxyUrl: string | null;
  readonly ca: string | null;
  readonly limits: unknown;
}

interface KnownCircuit {
  readonly tenantId: string;
  readonly id: string;
  readonly circuit: Circuit;
}

/** The circuits of this process: each connection has one, which outlives the times that the connection is read. */
@Injectable()
export class ConnectionCircuits {
  private readonly circuits = new Map<string, KnownCircuit>();
  private readonly inMetrics = new Set<string>();

  constructor(
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    const help = 'What breakers of connections do: 0 they are closed, 1 a call tries, 2 they are open; of "other" the worst.';
    metrics.watchEach('gt_connection_state', help, 'connection', () => this.states());
  }

  /** All that are remembered. */
  all(): Iterable<KnownCircuit> {
    return this.circuits.values();
  }

  /** The connection's circuit, with its settings as they are in this row. */
  of(row: CircuitRow): Circuit {
    const key = `${row.tenantId}/${row.id}`;
    const { tenantId, id } = row;
    const known = this.circuits.get(key) ?? { tenantId, id, circuit: new Circuit(this.watcherOf(row)) };
    this.circuits.delete(key);
    this.circuits.set(key, known);
    for (const [oldest] of this.circuits) {
      if (this.circuits.size <= mostCircuits) break;
      this.circuits.delete(oldest);
    }
    return known.circuit.set({
      place: JSON.stringify([row.baseUrl, row.proxyUrl, row.ca]),
      limits: connectionLimits.parse(row.limits),
    });
  }

  private watcherOf({ tenantId, id }: CircuitRow): CircuitWatcher {
    const label = this.labelOf(id);
    return {
      turned: (state) => this.tell({ tenantId, id }, state),
      counted: (result) => this.metrics.connectionCalls.add(label, result),
    };
  }

  private labelOf(id: string): string {
    if (this.inMetrics.size < mostSeries) this.inMetrics.add(id);
    return this.inMetrics.has(id) ? id : others;
  }

  private states(): Map<string, number> {
    const states = new Map<string, number>();
    for (const { id, circuit } of this.circuits.values()) {
      const label = this.inMetrics.has(id) ? id : others;
      states.set(label, Math.max(states.get(label) ?? 0, stateNumbers[circuit.state]));
    }
    return states;
  }

  private tell({ tenantId, id }: Pick<CircuitRow, 'tenantId' | 'id'>, state: 'open' | 'closed'): void {
    const fields = { tenant_id: tenantId, connection_id: id };
    if (state === 'open') this.log.warn('a connection fails and is left alone for a while', fields);
    else this.log.info('a connection works again', fields);
  }
}
