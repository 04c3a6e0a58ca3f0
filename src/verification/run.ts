import type { ClientHabits } from '../catalog/runbooks/client-habits.js';
import { usesWithPreset } from '../catalog/runbooks/guidance.js';
import type { RunbookRow } from '../catalog/runbooks/runbook-row.js';
import type { RouteId } from '../catalog/routes.js';
import { CallBudget } from './call-budget.js';
import { EmulatedClient, type ClientCall } from './client.js';
import { configuredRouteOf, configuredValue } from './documented-form.js';
import type { Exchange } from './exchange.js';
import type { RealClient } from './packages/real-client.js';
import { Reference, type ListedModel, type SeenKey } from './reference.js';

/** A row of a product that can be a client. */
export type ClientRow = RunbookRow & { readonly client: ClientHabits; readonly preset: string };

/** What a verification is given. */
export interface RunSetup {
  readonly row: ClientRow;
  /** Where the platform is: all that stands before `/api/tenant`. */
  readonly origin: string;
  /** What stands in the product's setting, where that is not what the runbook says. */
  readonly configured?: string | undefined;
  readonly key: string;
  /** A key of one of the runbook's other presets, where there is one. */
  readonly keyOf?: (preset: string) => string | undefined;
  /** The published name to call; without it, the default of those that the key may use. */
  readonly model?: string | undefined;
  readonly embedModel?: string | undefined;
  /** The id or alias of the dataset to upload into; without it, the first that the key may use. */
  readonly dataset?: string | undefined;
  /** The real client of the product, where it takes the checks that it can. Its requests are not counted. */
  readonly realClient?: RealClient | undefined;
  readonly mostCalls: number;
  /** What to do where the platform is not at its address, where nobody has configured that address for the run. */
  readonly addressCure?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a verification has found out so far. */
export class VerificationRun {
  readonly budget: CallBudget;
  readonly client: EmulatedClient;
  readonly reference: Reference;
  /** The routes that the client has called well with the key of the recommended preset. */
  readonly exercised = new Set<RouteId>();
  /** The same with keys of other presets. */
  readonly exercisedBeside = new Set<RouteId>();
  key: SeenKey | undefined;
  models: readonly ListedModel[] = [];
  /** The names to call. */
  model: string | undefined;
  embedModel: string | undefined;

  constructor(readonly setup: RunSetup) {
    this.budget = new CallBudget(setup.mostCalls);
    this.client = this.clientWith(setup.key);
    this.reference = this.referenceWith(setup.key);
  }

  get row(): ClientRow {
    return this.setup.row;
  }

  get habits(): ClientHabits {
    return this.setup.row.client;
  }

  /** What the product is configured with. */
  get configured(): string {
    return this.setup.configured ?? configuredValue(this.row, this.setup.origin);
  }

  /** True when the recommended preset is for embeddings too. */
  get embeds(): boolean {
    return usesWithPreset(this.row, 'embeddings.create');
  }

  clientWith(key: string): EmulatedClient {
    const { habits, configured } = this;
    const setup = { habits, configured, configuredRoute: configuredRouteOf(this.row), key };
    return new EmulatedClient(setup, this.budget, this.setup.signal);
  }

  referenceWith(key: string): Reference {
    return new Reference(this.setup.origin, key, this.budget, this.setup.signal);
  }

  /** Calls as the client does, and remembers the route when the call is answered well. */
  async call(call: ClientCall, client = this.client): Promise<Exchange> {
    const given = await client.call(call);
    const isGood = given.kind === 'answered' && given.status >= 200 && given.status < 300;
    if (isGood) (client === this.client ? this.exercised : this.exercisedBeside).add(call.route);
    return given;
  }
}
