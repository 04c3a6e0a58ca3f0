/** What a model of this wire takes in its requests. Models differ, and the wire has no way to ask. */
export interface ModelTraits {
  /** How a model is told to think: not at all, by a number of tokens, or by an effort. */
  readonly thinking: 'none' | 'budget' | 'effort';
  /** How thinking is turned off: it is off by itself, by a word for it, or it never is. */
  readonly off: 'absent' | 'disabled' | 'between_tools' | 'never';
  /** It knows the effort between high and the highest. */
  readonly hasExtraHigh: boolean;
  readonly takesSampling: boolean;
  /** Schemas bind its answers and the inputs of its tools. */
  readonly bindsSchemas: boolean;
  /** The length of an answer where nobody says one, in tokens. */
  readonly maxTokens: number;
}

interface Version {
  readonly family: string;
  /** 4.5 is 405. */
  readonly number: number;
}

const familyFirst = /claude-([a-z]+)-(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)/;
const numberFirst = /claude-(\d)(?:[.-](\d))?(?!\d)(?:-([a-z]+))?/;

const usualLength = 16_384;

/** A name that tells no version may be that of any newer model. */
const newest: ModelTraits = {
  thinking: 'effort',
  off: 'disabled',
  hasExtraHigh: true,
  takesSampling: true,
  bindsSchemas: true,
  maxTokens: usualLength,
};

/** @param model its name at the provider, also one with a provider in front or a date behind. */
export function traitsOf(model: unknown): ModelTraits {
  const version = versionOf(String(model).toLowerCase());
  if (version === undefined) return newest;
  const { family, number } = version;
  return {
    thinking: number < 307 ? 'none' : number < 406 ? 'budget' : 'effort',
    off: offOf(version),
    hasExtraHigh: number >= 407,
    takesSampling: number < (family === 'opus' ? 407 : 500),
    bindsSchemas: number >= (family === 'opus' ? 401 : 405),
    maxTokens: number < 305 ? 4096 : number < 307 ? 8192 : usualLength,
  };
}

function offOf({ family, number }: Version): ModelTraits['off'] {
  if (number < 500) return 'absent';
  if (family === 'haiku' || number < 505) return family === 'fable' || family === 'mythos' ? 'never' : 'disabled';
  return family === 'sonnet' ? 'between_tools' : 'never';
}

function versionOf(model: string): Version | undefined {
  const named = familyFirst.exec(model);
  if (named !== null) return { family: String(named[1]), number: numberOf(named[2], named[3]) };
  const numbered = numberFirst.exec(model);
  return numbered === null ? undefined : { family: numbered[3] ?? '', number: numberOf(numbered[1], numbered[2]) };
}

function numberOf(major: string | undefined, minor: string | undefined): number {
  return Number(major) * 100 + Number(minor ?? 0);
}
