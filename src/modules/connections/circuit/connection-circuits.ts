import { Injectable } from '@nestjs/common';
import { connectionLimits } from '../../../contracts/connection-limits.js';
import { Log } from '../../../observability/log.js';
import { Circuit } from './circuit.js';

/** As many connections are remembered; those that were read longest ago go first. */
const mostCircuits = 10_000;

/** A connection's row, as far as its circuit goes. */
export interface CircuitRow {
  readonly tenantId: string;
  readonly id: string;
  readonly baseUrl: string;
  readonly limits: unknown;
}

/** The circuits of this process: each connection has one, which outlives the times that the connection is read. */
@Injectable()
export class ConnectionCircuits {
  private readonly circuits = new Map<string, Circuit>();

  constructor(private readonly log: Log) {}

  /** The connection's circuit, with its settings as they are in this row. */
  of(row: CircuitRow): Circuit {
    const key = `${row.tenantId}/${row.id}`;
    const circuit = this.circuits.get(key) ?? new Circuit((state) => this.tell(row, state));
    this.circuits.delete(key);
    this.circuits.set(key, circuit);
    for (const [oldest] of this.circuits) {
      if (this.circuits.size <= mostCircuits) break;
      this.circuits.delete(oldest);
    }
    return circuit.set({ baseUrl: row.baseUrl, limits: connectionLimits.parse(row.limits) });
  }

  private tell({ tenantId, id }: CircuitRow, state: 'open' | 'closed'): void {
    const fields = { tenant_id: tenantId, connection_id: id };
    if (state === 'open') this.log.warn('a connection fails and is left alone for a while', fields);
    else this.log.info('a connection works again', fields);
  }
}
