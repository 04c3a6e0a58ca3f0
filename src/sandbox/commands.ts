import { badRequest } from './errors.js';

const flags = [
  'show-system',
  'show-request',
  'show-headers',
  'multibyte',
  'wrong-encoding',
  'quota',
  'redirect',
  'hang',
  'wrong-type',
  'bad-json',
  'cut-json',
  'spaced',
  'crlf',
  'no-done',
  'no-usage',
  'usage-in-last',
  'image-url',
  'refuse',
  'filter',
] as const;

/** Smallest and largest argument of each command that takes a number; `…-ms`-like ones are milliseconds, see docs. */
const numbers = {
  tools: [1, 64],
  reasoning: [0, 1_000_000_000],
  cached: [0, 1_000_000_000],
  'cache-write': [0, 1_000_000_000],
  chunks: [1, 1_000_000],
  pace: [0, 3_600_000],
  slow: [0, 3_600_000],
  stall: [0, 3_600_000],
  status: [400, 599],
  'retry-after': [0, 86_400],
  cut: [0, 1_000_000],
  'cut-clean': [0, 1_000_000],
  'error-event': [0, 1_000_000],
  huge: [1, 256 * 1024 * 1024],
  split: [1, 1_000_000],
} as const satisfies Record<string, readonly [number, number]>;

const texts = ['tool', 'refuse-once'] as const;

export type FlagCommand = (typeof flags)[number];
export type NumberCommand = keyof typeof numbers;
export type TextCommand = (typeof texts)[number];

const known: ReadonlySet<string> = new Set<string>([...flags, ...texts, ...Object.keys(numbers)]);
const form = /\[\[([a-z-]{2,20})(?::([^[\]]{0,200}))?\]\]/g;
const formWithSpace = /\s?\[\[([a-z-]{2,20})(?::[^[\]]{0,200})?\]\]/g;

/** What a prompt asked the sandbox to do beyond echoing. Of a repeated command the last one counts. */
export class Commands {
  /** The commands of a prompt that has none. */
  static readonly none = new Commands(new Map());

  constructor(private readonly given: ReadonlyMap<string, string | number>) {}

  get isEmpty(): boolean {
    return this.given.size === 0;
  }

  /** True when the whole body is to be broken, which an event stream cannot be. */
  get breaksBody(): boolean {
    return this.has('wrong-type') || this.has('bad-json') || this.has('cut-json');
  }

  has(name: FlagCommand | NumberCommand | TextCommand): boolean {
    return this.given.has(name);
  }

  /** The command's number, already within its limits; undefined when it was not given. */
  number(name: NumberCommand): number | undefined {
    const value = this.given.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** The command's text, empty for a bare `[[tool]]`; undefined when it was not given. */
  text(name: TextCommand): string | undefined {
    const value = this.given.get(name);
    return typeof value === 'string' ? value : undefined;
  }
}

/**
 * The commands in these texts. Double brackets around an unknown word are ordinary text.
 * @throws SandboxError 400 for a known command with a bad argument, so that a mistyped test fails loudly.
 */
export function readCommands(prompts: readonly string[]): Commands {
  const given = new Map<string, string | number>();
  for (const prompt of prompts) {
    for (const [whole, name = '', argument] of prompt.matchAll(form)) {
      if (known.has(name)) given.set(name, argumentOf(name, argument, whole));
    }
  }
  return given.size === 0 ? Commands.none : new Commands(given);
}

/** The text without its commands and without the one blank before each. */
export function withoutCommands(text: string): string {
  if (!text.includes('[[')) return text;
  return text.replace(formWithSpace, (whole, name: string) => (known.has(name) ? '' : whole)).trim();
}

function argumentOf(name: string, argument: string | undefined, whole: string): string | number {
  if (isNumberCommand(name)) {
    const [smallest, largest] = numbers[name];
    const value = /^\d{1,10}$/.test(argument ?? '') ? Number(argument) : NaN;
    if (!(value >= smallest && value <= largest)) throw badCommand(whole, `takes a whole number from ${smallest} to ${largest}`);
    return value;
  }
  if (name === 'refuse-once' && (argument ?? '') === '') throw badCommand(whole, 'takes a text');
  if (argument !== undefined && name !== 'tool' && name !== 'refuse-once') throw badCommand(whole, 'takes no argument');
  return argument ?? '';
}

function isNumberCommand(name: string): name is NumberCommand {
  return Object.hasOwn(numbers, name);
}

function badCommand(whole: string, rule: string): Error {
  return badRequest(`The sandbox command ${whole} is not valid: it ${rule}.`, null, 'invalid_sandbox_command');
}
