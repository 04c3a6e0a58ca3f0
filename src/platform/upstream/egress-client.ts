import type { OnApplicationShutdown } from '@nestjs/common';
import { buildConnector, Pool, type Client } from 'undici';
import type { FairPlaces } from '../../kernel/fair-places.js';
import type { Config } from '../../config/load-config.js';
import { portOf, type EgressPolicy } from './egress-policy.js';
import { callJson, type JsonReply, type JsonRequest } from './json-call.js';
import { OneCallClient } from './one-call-client.js';
import { OriginPools, type OriginPoolsOptions } from './origin-pools.js';
import { RunningCall } from './running-call.js';
import type { UpstreamCall, UpstreamHandle, UpstreamHandler, UpstreamLimits } from './upstream-call.js';
import type { OutboundWay } from './way/outbound-way.js';
import { tlsOf, wayConnector, type ProxiedWay } from './way/way-connector.js';

export type EgressConfig = Pick<
  Config,
  'GT_UPSTREAM_CONNECT_MS' | 'GT_UPSTREAM_FIRST_BYTE_MS' | 'GT_UPSTREAM_IDLE_MS' | 'GT_UPSTREAM_TOTAL_MS' | 'GT_SHUTDOWN_GRACE_MS'
>;

export interface EgressOptions extends Partial<OriginPoolsOptions> {
  /** Certificates (PEM) to trust in place of Node's own. A deployment adds its own by NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
  /** Bounds the calls under way that are made for tenants, who share it. Without it they are as many as are asked for. */
  readonly places?: FairPlaces;
}

const connectionOptions: Client.Options = {
  // Below the 5 s after which Node and uvicorn servers silently close an idle connection: a request that meets
  // the closing is lost and may not be repeated. A provider that announces a longer time is taken at its word, to 60 s.
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 60_000,
  maxResponseSize: -1,
};

/**
 * The one way out: every call that the product makes to a host that somebody configured goes through it. It connects
 * only where EgressPolicy allows, to exactly the address that was judged, verifies TLS, follows no redirect, and holds
 * the limits of the settings. One pool per origin and way, without a cap on its connections: what bounds the
 * calls of a process are the places that tenants share.
 */
export class EgressClient implements OnApplicationShutdown {
  private readonly limits: UpstreamLimits;
  private readonly pools: OriginPools;

  constructor(
    private readonly config: EgressConfig,
    private readonly policy: EgressPolicy,
    private readonly options: EgressOptions = {},
  ) {
    this.limits = {
      firstByteMs: config.GT_UPSTREAM_FIRST_BYTE_MS,
      idleMs: config.GT_UPSTREAM_IDLE_MS,
      totalMs: config.GT_UPSTREAM_TOTAL_MS,
    };
    this.pools = new OriginPools((origin, way) => this.openPool(origin, way), {
      maxPools: options.maxPools ?? 500,
      idleMs: options.idleMs ?? 600_000,
    });
  }

  /** Number of pools, for the metrics. */
  get openPools(): number {
    return this.pools.size;
  }

  /** Starts a call. Never throws: whatever goes wrong is the handler's `onFailure`, after this has returned. */
  dispatch(call: UpstreamCall, handler: UpstreamHandler): UpstreamHandle {
    return this.begin(call, handler, this.limits);
  }

  /**
   * A control call with a small JSON reply (connection test, list of models, token, webhook), held in memory.
   * @throws EgressError for every failure, a redirect and a reply beyond the size; a 4xx or 5xx is a reply.
   */
  json(request: JsonRequest): Promise<JsonReply> {
    return callJson(request, (call, handler, limits) => this.begin(call, handler, limits));
  }

  /** Lets running calls finish within GT_SHUTDOWN_GRACE_MS, then cuts them. New calls fail as `refused`. */
  async onApplicationShutdown(): Promise<void> {
    await this.pools.close(this.config.GT_SHUTDOWN_GRACE_MS);
  }

  private begin(call: UpstreamCall, handler: UpstreamHandler, limits: UpstreamLimits): UpstreamHandle {
    const running = new RunningCall(handler);
    const { tenantId } = call;
    const { places } = this.options;
    if (places === undefined || tenantId === undefined || running.takePlace(places, tenantId)) this.start(running, call, limits);
    else running.waitForPlace(places, tenantId, call, () => this.start(running, call, limits));
    return running;
  }

  private start(running: RunningCall, call: UpstreamCall, limits: UpstreamLimits): void {
    try {
      refuseHostHeader(call.headers);
      running.start(this.pools.get(call.origin, call.way), call, limits);
    } catch (error) {
      running.refuse(error, call);
    }
  }

  private openPool(origin: string, way: OutboundWay | undefined): Pool {
    const url = new URL(origin);
    const connect = this.connectorFor(url, way);
    return new Pool(url, {
      ...connectionOptions,
      factory: (target, options) => new OneCallClient(target, options as Client.Options, connect),
    });
  }

  private connectorFor(origin: URL, way: OutboundWay | undefined): buildConnector.connector {
    const port = portOf(origin);
    const timeoutMs = this.config.GT_UPSTREAM_CONNECT_MS;
    if (hasProxy(way)) return wayConnector(way, { policy: this.policy, port, timeoutMs });
    const connect = buildConnector({
      timeout: timeoutMs,
      lookup: this.policy.lookupFor(port),
      ...tlsOf(way),
      ...(this.options.ca === undefined ? {} : { ca: this.options.ca }),
    });
    return (options, callback) => {
      const refusal = this.policy.refusalOfLiteral(options.hostname, port);
      if (refusal === undefined) connect(options, callback);
      else process.nextTick(callback, refusal, null);
    };
  }
}

/** With another Host, undici would also ask for and verify another name's certificate. */
function refuseHostHeader(headers: UpstreamCall['headers']): void {
  const isHost = (name: string) => name.length === 4 && name.toLowerCase() === 'host';
  const found = Array.isArray(headers)
    ? headers.some((name, index) => index % 2 === 0 && isHost(name))
    : Object.keys(headers).some(isHost);
  if (found) throw new Error('A call may not set the Host header.');
}

function hasProxy(way: OutboundWay | undefined): way is ProxiedWay {
  return way?.proxy !== undefined;
}
