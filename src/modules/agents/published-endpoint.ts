import { agentSpec, type AgentSpec } from '../../contracts/agents.js';
import { connectionOptions, type ConnectionPaths } from '../../contracts/connections.js';
import { modalities, type Modality } from '../../contracts/scopes.js';
import type { EndpointFacts } from '../../catalog/facts.js';
import { factsOfWire, hasDialect } from '../../contracts/wires.js';
import { upstreamTarget } from '../../platform/upstream/origin.js';
import { learnedBatchOf, type LearnedBatch, type LearnedBatchColumns } from '../connections/learned-batch.js';
import type { SignIn } from '../connections/login/sign-in.js';
import { servedByWire } from './served-by-wire.js';

/** The paths of a provider by what they serve, with the base URL's own path before them. */
export interface ConnectionTargetPaths {
  readonly chat: string;
  readonly completions: string;
  readonly embeddings: string;
  readonly responses: string;
  readonly moderations: string;
  readonly images: string;
  readonly imageEdits: string;
  readonly imageVariations: string;
  readonly speech: string;
  readonly transcriptions: string;
  readonly translations: string;
}

/** How to reach a provider. Holds its opened secret: never logged, never shown. */
export interface ConnectionTarget {
  readonly id: string;
  readonly name: string;
  /** The form of OpenAI's in which its calls are planned. */
  readonly wire: 'openai' | 'chat' | 'responses';
  /** The name of its own wire, where that has no form of OpenAI's: calls are said anew before they are sent. */
  readonly dialect: string | undefined;
  readonly origin: string;
  /** The path of its base URL. */
  readonly basePath: string;
  /** Paths below it that the connection itself names. */
  readonly namedPaths: ConnectionPaths;
  /** What a raw model serves here that names no modalities. */
  readonly served: ReadonlySet<Modality>;
  /** It has legacy completions: it speaks all of OpenAI's API, or has a path of its own for them. */
  readonly hasCompletions: boolean;
  readonly paths: ConnectionTargetPaths;
  /** The header that signs in, if the connection has one. */
  readonly authHeader: readonly [name: string, value: string] | null;
  /** What signs in where the connection has a login: its tokens are renewed. */
  readonly login: SignIn | null;
  /** Headers that its wire wants on every call, name and value in turn. */
  readonly wireHeaders: readonly string[];
  readonly droppedFields: ReadonlySet<string>;
  /** The most texts of one embedding call of the platform's own; null: as many as the provider takes. */
  readonly embeddingBatchSize: number | null;
  /** What any process learned of that from the provider's refusals, most lately. */
  readonly embeddingBatchLearned: LearnedBatch | null;
}

export interface ModelTarget {
  readonly connection: ConnectionTarget;
  readonly model: string;
  /** The model as JSON text, ready to stand in a request. */
  readonly encodedModel: Buffer;
}

export function modelTarget(connection: ConnectionTarget, model: string): ModelTarget {
  return { connection, model, encodedModel: Buffer.from(JSON.stringify(model)) };
}

/** A published name with all that a call through it needs. */
export interface PublishedEndpoint extends EndpointFacts {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly targets: ReadonlyMap<Modality, ModelTarget>;
  /** The revision's text with connections and datasets by id; null for a raw model. */
  readonly agent: AgentSpec | null;
}

/** A tenant's published names and connections at one moment. */
export interface TenantEndpoints {
  readonly tenantId: string;
  readonly byName: ReadonlyMap<string, PublishedEndpoint>;
  readonly byDefault: PublishedEndpoint | undefined;
  readonly connections: ReadonlyMap<string, ConnectionTarget>;
}

export interface EndpointRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isDefault: boolean;
  readonly createdAt: Date;
  readonly connectionId: string | null;
  readonly model: string | null;
  readonly modalities: readonly string[];
  readonly revision: { readonly spec: unknown; readonly datasetIds: readonly string[] } | null;
}

export interface ConnectionRow extends LearnedBatchColumns {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: string;
  readonly options: unknown;
  readonly embeddingBatchSize: number | null;
}

/** The connection's row as a target; `signIn` holds the header that signs in there, if it has one, else perhaps `login`. */
export function connectionTarget(
  row: ConnectionRow,
  signIn: Readonly<Record<string, string>>,
  login: SignIn | null = null,
): ConnectionTarget {
  const options = connectionOptions.parse(row.options);
  const place = (given: string | undefined, usual: string) => upstreamTarget(row.baseUrl, given ?? usual);
  const { paths } = options;
  const chat = place(paths.chat, '/chat/completions');
  const facts = factsOfWire(row.wire);
  return {
    id: row.id,
    name: row.name,
    wire: facts.speaks,
    dialect: hasDialect(row.wire) ? row.wire : undefined,
    origin: chat.origin,
    basePath: place('/', '/').path,
    namedPaths: paths,
    served: servedByWire(row.wire, paths),
    hasCompletions: row.wire === 'openai' || paths.completions !== undefined,
    paths: {
      chat: chat.path,
      completions: place(paths.completions, '/completions').path,
      embeddings: place(paths.embeddings, '/embeddings').path,
      responses: place(paths.responses, '/responses').path,
      moderations: place(paths.moderations, '/moderations').path,
      images: place(paths.images, '/images/generations').path,
      imageEdits: place(paths.image_edits, '/images/edits').path,
      imageVariations: place(paths.image_variations, '/images/variations').path,
      speech: place(paths.speech, '/audio/speech').path,
      transcriptions: place(paths.transcriptions, '/audio/transcriptions').path,
      translations: place(paths.translations, '/audio/translations').path,
    },
    authHeader: Object.entries(signIn)[0] ?? null,
    login,
    wireHeaders: Object.entries(facts.headers).flat(),
    droppedFields: new Set(options.dropped_fields),
    embeddingBatchSize: row.embeddingBatchSize,
    embeddingBatchLearned: learnedBatchOf(row),
  };
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
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as EndpointFacts['kind'],
    isDefault: row.isDefault,
    created: Math.floor(row.createdAt.getTime() / 1000),
    modalities: new Set(targets.keys()),
    targets,
    agent,
  };
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
