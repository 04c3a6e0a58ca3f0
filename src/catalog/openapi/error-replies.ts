import { errorTable, type ErrorCode, type ErrorRow } from '../../kernel/error-codes.js';
import { headers, type HeaderName } from './headers.js';
import { ref, type Json } from './json.js';

const codes = Object.keys(errorTable) as readonly ErrorCode[];
const rowOf = (code: ErrorCode): ErrorRow => errorTable[code];

/** Headers that belong to the errors of a status. */
const byStatus: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['www-authenticate'],
  409: ['retry-after'],
  426: ['upgrade'],
  429: ['retry-after', 'retry-after-ms', 'x-should-retry'],
  502: ['retry-after'],
  503: ['retry-after', 'x-should-retry'],
};

/** The body of every error. */
export const errorSchema: Json = {
  type: 'object',
  description: 'An error, in the form of OpenAI.',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      description: 'What went wrong.',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string', description: 'A sentence for people.' },
        type: { type: 'string', description: 'The kind of error.', examples: distinct(codes.map((code) => rowOf(code).type)) },
        param: { type: ['string', 'null'], description: 'The field that is to blame; null where none is.' },
        code: {
          type: ['string', 'null'],
          description: "What went wrong, for programs. Null when the key is missing, and where a provider's error has none.",
          examples: distinct(codes.map(codeOf)),
        },
      },
    },
  },
};

/** The error replies of one document: those that several routes share stand in it once. */
export class ErrorReplies {
  readonly components: Record<string, Json> = {};
  /** An example of each error that is answered. */
  readonly examples: Record<string, Json> = {};

  constructor(
    /** Headers of every reply of the plane. */
    private readonly plane: readonly HeaderName[],
    /** Begins the names of the plane's replies. */
    private readonly prefix: string,
  ) {}

  /** A reply for each status, in their order. */
  of(answered: readonly ErrorCode[]): Record<string, Json> {
    const statuses = distinct(answered.map((code) => rowOf(code).status)).sort((left, right) => left - right);
    return Object.fromEntries(
      statuses.map((status) => {
        const all = codes.filter((code) => rowOf(code).status === status && answered.includes(code));
        const name = `${this.prefix}${status}.${all.join('.')}`;
        this.components[name] ??= this.reply(status, all);
        for (const code of all) this.examples[exampleName(code)] ??= exampleOf(code);
        return [String(status), ref('responses', name)];
      }),
    );
  }

  private reply(status: number, all: readonly ErrorCode[]): Json {
    return {
      description: all.map((code) => `\`${String(codeOf(code))}\`: ${rowOf(code).message}`).join('\n\n'),
      headers: headers([...this.plane, ...(byStatus[status] ?? [])]),
      content: {
        'application/json': {
          schema: ref('schemas', 'Error'),
          examples: Object.fromEntries(all.map((code) => [code, ref('examples', exampleName(code))])),
        },
      },
    };
  }
}

function exampleName(code: ErrorCode): string {
  return `error.${code}`;
}

function exampleOf(code: ErrorCode): Json {
  const { type, message } = rowOf(code);
  return { summary: code, value: { error: { message, type, param: null, code: codeOf(code) } } };
}

/** What the body's `code` says. */
function codeOf(code: ErrorCode): string | null {
  const { wireCode } = rowOf(code);
  return wireCode === undefined ? code : wireCode;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
