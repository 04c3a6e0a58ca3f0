import { agentSpec, type AgentSpec } from '../../contracts/agent-spec.js';
import { modalities, type Modality } from '../../contracts/scopes.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { callLimits, type CallLimit } from '../limits/call-limit.js';
import type { EndpointFacts } from '../../catalog/facts.js';
import type { ProviderPaths } from '../connections/provider-places.js';
import type { ConnectionTarget } from './connection-target.js';

export interface ModelTarget {
  readonly connection: ConnectionTarget;
  readonly model: string;
  /** The model as JSON text, ready to stand in a request. */
  readonly encodedModel: Buffer;
  /** Where it is asked for what. @throws AppError as the connection's `pathsOf` does. */
  readonly paths: ProviderPaths;
}

export function modelTarget(connection: ConnectionTarget, model: string): ModelTarget {
  let paths: ProviderPaths | undefined;
  return {
    connection,
    model,
    encodedModel: Buffer.from(JSON.stringify(model)),
    get paths() {
      return (paths ??= connection.pathsOf(model));
    },
  };
}

/** A published name with all that a call through it needs. */
export interface PublishedEndpoint extends EndpointFacts {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** Where it leads: of several choices the first that can be asked. */
  readonly targets: ReadonlyMap<Modality, ModelTarget>;
  /** Where an agent names further models: all of them in their order, its first choice at the front. */
  readonly choices: ReadonlyMap<Modality, readonly ModelTarget[]>;
  /** The revision's text with connections and datasets by id; null for a raw model. */
  readonly agent: AgentSpec | null;
  /** What calls of it count against, whoever makes them. */
  readonly callLimits: readonly CallLimit[];
}

/** A tenant's published names and connections at one moment. */
export interface TenantEndpoints {
  readonly tenantId: string;
  readonly byName: ReadonlyMap<string, PublishedEndpoint>;
  readonly byDefault: PublishedEndpoint | undefined;
  readonly connections: ReadonlyMap<string, ConnectionTarget>;
}

export interface EndpointRow {
  readonly tenantId: string;
  readonly id: string;
  readonly limits: unknown;
  readonly updatedAt: Date;
  readonly name: string;
  readonly kind: string;
  readonly isDefault: boolean;
  readonly createdAt: Date;
  readonly connectionId: string | null;
  readonly model: string | null;
  readonly modalities: readonly string[];
  readonly revision: { readonly spec: unknown; readonly datasetIds: readonly string[] } | null;
}

/** An endpoint's row as a published name; what its connections do not give, it does not serve. */
export function publishedEndpoint(row: EndpointRow, connections: ReadonlyMap<string, ConnectionTarget>): PublishedEndpoint {
  const agent = row.kind === 'agent_alias' && row.revision !== null ? frozenSpec(row.revision) : null;
  const targets = new Map<Modality, ModelTarget>();
  for (const modality of modalities) {
    const reference = agent === null ? rawReference(row) : agent.models[modality];
    const connection = reference === undefined ? undefined : connections.get(reference.connection);
    if (agent === null && connection !== undefined && !servesRaw(row, connection, modality)) continue;
    if (reference !== undefined && connection !== undefined) targets.set(modality, modelTarget(connection, reference.model));
  }
  const choices = choicesOf(agent, connections);
  for (const [modality, named] of choices) targets.set(modality, choiceFrom(named, 0) ?? named[0]);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as EndpointFacts['kind'],
    isDefault: row.isDefault,
    created: Math.floor(row.createdAt.getTime() / 1000),
    callLimits: callLimits(
      { tenantId: row.tenantId, owner: 'endpoint', id: row.id, epoch: row.updatedAt.getTime() },
      keyLimits.parse(row.limits),
    ),
    modalities: new Set(targets.keys()),
    targets,
    choices,
    agent,
  };
}

/** What is asked from this place on: the first of the choices there whose connection can be used. */
export function choiceFrom(choices: readonly ModelTarget[], place: number): ModelTarget | undefined {
  return choices.slice(place).find(({ connection }) => connection.isUsable);
}

type Choices = readonly [ModelTarget, ...ModelTarget[]];

function choicesOf(agent: AgentSpec | null, connections: ReadonlyMap<string, ConnectionTarget>): ReadonlyMap<Modality, Choices> {
  const choices = new Map<Modality, Choices>();
  for (const modality of modalities) {
    const named = [agent?.models[modality], ...(agent?.fallbacks?.[modality as keyof AgentSpec['fallbacks']] ?? [])];
    const [first, ...further] = named.flatMap((reference) => {
      const connection = reference === undefined ? undefined : connections.get(reference.connection);
      return connection === undefined || reference === undefined ? [] : [modelTarget(connection, reference.model)];
    });
    if (first !== undefined && further.length > 0) choices.set(modality, [first, ...further]);
  }
  return choices;
}

function frozenSpec({ spec, datasetIds }: NonNullable<EndpointRow['revision']>): AgentSpec {
  return { ...agentSpec.parse(spec), datasets: [...datasetIds] };
}

function rawReference({ connectionId, model }: EndpointRow): { connection: string; model: string } | undefined {
  return connectionId === null || model === null ? undefined : { connection: connectionId, model };
}

/** A raw model serves what it names, else what its connection is known for. */
function servesRaw({ modalities: named }: EndpointRow, { served }: ConnectionTarget, modality: Modality): boolean {
  return named.length > 0 ? named.includes(modality) : served.has(modality);
}
