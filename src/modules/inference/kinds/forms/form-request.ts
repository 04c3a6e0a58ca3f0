import type { AgentSpec } from '../../../../contracts/agent-spec.js';
import type { TenantEndpoints } from '../../../agents/published-endpoint.js';
import type { AnswerChoice, CallDraft, CallPlan } from '../../call/call-plan.js';
import { chooseEndpoint, type ChosenEndpoint } from '../../call/endpoint-choice.js';
import type { InferenceRequest } from '../../call/inference-request.js';
import type { KindFacts } from '../../call/kind-facts.js';
import type { FormEdits, FormField, RequestForm } from '../../call/request-form.js';
import { invalid, missing } from '../../call/request-body.js';
import type { TakenParameters } from './agent-parameters.js';

/** What a kind says of its calls besides what all forms have. */
export interface FormCall {
  readonly path: string;
  /** How the answer is read, by what has come of the form so far. */
  readonly answers: () => AnswerChoice;
}

/** Which file a request cannot do without, and what of an agent's parameters the kind takes. */
export interface FormRules {
  readonly file: string;
  readonly parameters?: TakenParameters;
}

/**
 * A request that is a form. On its way to the provider its parts stay as they are, but for the model, control fields that are
 * dropped, and what its agent and its kind set. Nothing is decided by fields behind the file before they have come. A request
 * that names no model asks the tenant's default endpoint.
 */
export class FormRequest {
  readonly form: RequestForm;
  readonly chosen: ChosenEndpoint;
  private readonly fixed = new Map<string, readonly FormField[]>();
  private readonly usual = new Map<string, readonly FormField[]>();
  /** Fields that say yes or no, by whether they must be written anew behind the client's parts. */
  private readonly flags = new Map<string, boolean>();

  /** @throws AppError with the contract's code for what is wrong with the model that it names, or when it has no file. */
  constructor(
    private readonly kind: KindFacts,
    request: InferenceRequest,
    endpoints: TenantEndpoints,
    private readonly rules: FormRules,
  ) {
    const { identity, headers, form } = request;
    if (form === undefined) throw new Error('The request of this route is a form.');
    this.form = form;
    if (form.isWhole) this.requireFile();
    const named = form.textOf('model') ?? (endpoints.byDefault === undefined ? undefined : 'default');
    this.chosen = chooseEndpoint(identity.key, endpoints, headers, named, kind.modality);
    this.takeParameters();
  }

  /** The agent behind the endpoint; null for a raw model. */
  get agent(): AgentSpec | null {
    return this.chosen.endpoint.agent;
  }

  /** What a field says, or will say to the provider, as far as the form has come. */
  textOf(name: string): string | undefined {
    const fixed = this.fixed.get(name);
    if (fixed !== undefined) return textIn(fixed, name);
    return this.form.textOf(name) ?? textIn(this.usual.get(name) ?? [], name);
  }

  /**
   * What a field says that is true or false, in the spellings of those who write forms, as far as the form has come. It goes
   * on as `true` or `false`. @throws AppError invalid_value, also later, where the field comes behind the file.
   */
  flagOf(name: string): boolean {
    if (!this.flags.has(name)) this.flags.set(name, false);
    const said = this.form.textOf(name);
    return said !== undefined && flagIn(name, said);
  }

  /** Sets a field on the way to the provider, whatever the request says; null takes it out. */
  set(name: string, text: string | null): void {
    this.fixed.set(name, text === null ? [] : [[name, text]]);
  }

  /** Sets a field where the request says nothing and there is something to say. */
  setDefault(name: string, text: string | undefined): void {
    if (text !== undefined) this.usual.set(name, [[name, text]]);
  }

  draft({ path, answers }: FormCall): CallDraft {
    const { kind, form, chosen } = this;
    const { endpoint, target, publishedName } = chosen;
    const facts = { endpoint, target, publishedName, kind };
    const retryAfterMaxSeconds = endpoint.agent?.retry_after_max_seconds ?? 0;
    return {
      ...facts,
      dialogue: undefined,
      // A second try sends the form once more from its beginning.
      rest: form.isWhole || retryAfterMaxSeconds === 0 ? undefined : () => form.whole(),
      plan: (): CallPlan => ({
        ...facts,
        path,
        body: form.body(this.edits()),
        contentType: form.contentType,
        ...answers(),
        decidedLater: form.isWhole ? undefined : answers,
        retryAfterMaxSeconds,
        hidden: [],
      }),
    };
  }

  private edits(): FormEdits {
    const { droppedFields } = this.chosen.target.connection;
    return {
      of: (name) => {
        const base = baseOf(name);
        if (base === 'model') return name === 'model' ? this.chosen.target.model : null;
        if (droppedFields.has(base) || this.fixed.has(base)) return null;
        return this.flags.has(name) ? this.flagPart(name) : undefined;
      },
      added: (names) => {
        const bases = new Set([...names].map(baseOf));
        this.requireFile();
        const added: FormField[] = names.has('model') ? [] : [['model', this.chosen.target.model]];
        for (const [flag, isAnew] of this.flags)
          if (isAnew) added.push([flag, String(flagIn(flag, this.form.textOf(flag) ?? ''))]);
        for (const fields of this.fixed.values()) added.push(...fields);
        for (const [name, fields] of this.usual) if (!bases.has(name) && !this.fixed.has(name)) added.push(...fields);
        return added;
      },
    };
  }

  /** A flag that still comes is read first and stands behind the other parts; one that has come is written as it was read. */
  private flagPart(name: string): string | null {
    const said = this.form.textOf(name);
    if (said === undefined) this.flags.set(name, true);
    return said === undefined || this.flags.get(name) === true ? null : String(flagIn(name, said));
  }

  /**
   * The agent's parameters that are meant for this kind: a default where the request says nothing, a pinned one always. A
   * pinned name without a value takes the request's own value out.
   */
  private takeParameters(): void {
    const { agent } = this;
    if (agent === null) return;
    for (const [name, isMeant] of Object.entries(this.rules.parameters ?? {})) {
      const value = agent.parameters[name] ?? undefined;
      if (!isMeant(value, agent)) continue;
      if (agent.pinned.includes(name)) this.fixed.set(name, fieldsOf(name, value));
      else if (value !== undefined) this.usual.set(name, fieldsOf(name, value));
    }
  }

  private requireFile(): void {
    const { file } = this.rules;
    if (![...this.form.files].some((name) => baseOf(name) === file)) throw missing(file);
  }
}

/** The field that a part belongs to: lists are written `name[]`, objects `name[member]`. */
function baseOf(name: string): string {
  return (name.split('[', 1)[0] ?? '').trim().toLowerCase();
}

function textIn(fields: readonly FormField[], name: string): string | undefined {
  return fields.find(([given]) => given === name)?.[1];
}

/** True or false as forms say it. */
function flagIn(name: string, said: string): boolean {
  if (/^(?:true|1)$/i.test(said)) return true;
  if (/^(?:false|0)$/i.test(said)) return false;
  throw invalid(name, "expected 'true' or 'false'");
}

/** A parameter as the fields of a form, as OpenAI's clients write lists and objects. */
function fieldsOf(name: string, value: unknown): readonly FormField[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element) => fieldsOf(`${name}[]`, element));
  if (typeof value === 'object') return Object.entries(value).flatMap(([key, member]) => fieldsOf(`${name}[${key}]`, member));
  return [[name, String(value as string | number | boolean)]];
}
