import { isDeepStrictEqual } from 'node:util';
import type { BatchEndpoint } from '../../contracts/batches.js';
import { connectionHabits, type ConnectionHabits } from '../../contracts/connection-habits.js';
import type { ConnectionPaths } from '../../contracts/connection-paths.js';
import type { TuningSettings } from '../../contracts/connection-tuning.js';
import { connectionOptions } from '../../contracts/connections.js';
import type { Modality } from '../../contracts/scopes.js';
import { signInSecrets } from '../../platform/upstream/hide-secrets.js';
import { factsOfWire, hasDialect } from '../../contracts/wires.js';
import { Circuit, nobody } from '../connections/circuit/circuit.js';
import { learnedBatchOf, type LearnedBatch, type LearnedBatchColumns } from '../connections/learned-batch.js';
import type { SignIn } from '../connections/login/sign-in.js';
import type { OutboundWay } from '../../platform/upstream/way/outbound-way.js';
import { providerPlaces, type ProviderPaths } from '../connections/provider-places.js';
import type { TokenTurns } from '../connections/tokens/token-turns.js';
import { servedByWire } from './served-by-wire.js';

/** How to reach a provider. Holds its opened secret: never logged, never shown. */
export interface ConnectionTarget {
  readonly id: string;
  readonly name: string;
  /** False where no call can be made: whatever else is asked of it throws what the caller is told. */
  readonly isUsable: boolean;
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
  /** Its models have names of deployments, which tell nothing of the models. */
  readonly hasDeployments: boolean;
  /** It has legacy completions: it speaks all of OpenAI's API, or has a path of its own for them. */
  readonly hasCompletions: boolean;
  /** Where one of its models is asked for what. @throws AppError invalid_value for a name that no path can hold. */
  pathsOf(model: string): ProviderPaths;
  /** The tokens that sign in, if the connection has some. */
  readonly tokens: TokenTurns | null;
  /** How its calls leave; undefined: directly. */
  readonly way: OutboundWay | undefined;
  /** What signs in where the connection has a login: its tokens are renewed. */
  readonly login: SignIn | null;
  /** What stands in this process before all calls over it. */
  readonly circuit: Circuit;
  /** Headers that its wire wants on every call, name and value in turn. */
  readonly wireHeaders: readonly string[];
  /** Headers that the connection itself wants on every call, name and value in turn. */
  readonly staticHeaders: readonly string[];
  /** What no sentence of its provider may tell: tokens, and the values of its headers. */
  readonly secretTexts: readonly string[];
  readonly droppedFields: ReadonlySet<string>;
  /** Whether fine-tuning jobs can be made over it, and what becomes of their models. */
  readonly tuning: TuningSettings;
  /** Which endpoints its provider's own batches have, each with the provider's name of it; none: it has no batches. */
  readonly batches: Readonly<Partial<Record<BatchEndpoint, string>>>;
  /** Where something is asked that no model is named for. @throws AppError as `upstreamTarget` does. */
  placeOf(path: string): string;
  /** What its provider wants beyond its wire; null: nothing. */
  readonly habits: ConnectionHabits | null;
  /** The most texts of one embedding call of the platform's own; null: as many as the provider takes. */
  readonly embeddingBatchSize: number | null;
  /** What any process learned of that from the provider's refusals, most lately. */
  readonly embeddingBatchLearned: LearnedBatch | null;
}

export interface ConnectionRow extends LearnedBatchColumns {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: string;
  readonly options: unknown;
  readonly habits: unknown;
  readonly embeddingBatchSize: number | null;
  readonly fineTuning: string;
  readonly publishFineTuned: boolean;
}

/** What of a connection is opened for its calls. */
export interface OpenedConnection {
  readonly tokens: TokenTurns | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly login: SignIn | null;
  readonly way: OutboundWay | undefined;
  readonly circuit: Circuit;
}

/** Of a connection that is not called. */
const nothingOpened: OpenedConnection = {
  tokens: null,
  headers: {},
  login: null,
  way: undefined,
  circuit: new Circuit(nobody),
};

/** The connection's row as a target. */
export function connectionTarget(
  row: ConnectionRow,
  { tokens, headers, login, way, circuit }: OpenedConnection = nothingOpened,
): ConnectionTarget {
  const options = connectionOptions.parse(row.options);
  const { paths } = options;
  const facts = factsOfWire(row.wire);
  const places = providerPlaces({ baseUrl: row.baseUrl, wire: row.wire, options });
  return {
    id: row.id,
    name: row.name,
    isUsable: true,
    wire: facts.speaks,
    dialect: hasDialect(row.wire) ? row.wire : undefined,
    origin: places.origin,
    basePath: places.basePath,
    namedPaths: paths,
    served: servedByWire(row.wire, paths),
    hasDeployments: facts.hasDeployments,
    hasCompletions: facts.speaks === 'openai' || paths.completions !== undefined,
    pathsOf: (model) => places.pathsOf(model),
    placeOf: (path) => places.placeOf(path),
    batches: facts.batches ?? {},
    tuning: { fineTuning: row.fineTuning as TuningSettings['fineTuning'], publishFineTuned: row.publishFineTuned },
    tokens,
    login,
    circuit,
    way,
    wireHeaders: Object.entries(facts.headers).flat(),
    staticHeaders: Object.entries(headers).flat(),
    secretTexts: [...(tokens?.tokens ?? []).flatMap(({ header }) => signInSecrets(header)), ...Object.values(headers)],
    droppedFields: new Set(options.dropped_fields),
    habits: habitsOf(row),
    embeddingBatchSize: row.embeddingBatchSize,
    embeddingBatchLearned: learnedBatchOf(row),
  };
}

function habitsOf({ habits }: ConnectionRow): ConnectionHabits | null {
  const own = connectionHabits.parse(habits);
  return isDeepStrictEqual(own, connectionHabits.parse({})) ? null : own;
}
