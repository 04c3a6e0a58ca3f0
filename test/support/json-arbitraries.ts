import fc from 'fast-check';

/** Text that tries a byte-wise reader: quotes, backslashes, brackets, control characters, any script, long runs. */
export const trickyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  {
    weight: 4,
    arbitrary: fc.string({
      unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'a', '\n', '\u0000', 'é', '😀', 'u'),
      maxLength: 24,
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('x', '"', '\\', ' '), minLength: 60, maxLength: 300 }) },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(500), `${'\\'.repeat(65)}"`, `${'y'.repeat(70)}"${'z'.repeat(70)}`) },
);

const leaf = fc.oneof(
  trickyText,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

/** Any JSON value, a few levels deep. Names are never `__proto__`, which a literal object cannot hold. */
export const jsonValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      trickyText.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

/** The text of any JSON number, as JavaScript prints it or not: `1.0`, `-0`, `1E+2`, more digits than a double has. */
export const anyNumber: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(fc.nat().map(String), fc.stringMatching(/^[1-9][0-9]{14,24}$/), fc.constantFrom('0', '1', '9007199254740993')),
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{1,20}$/), fc.constantFrom('.0', '.10', '.5')),
    fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.stringMatching(/^[eE][+-]?[0-9]{1,3}$/)),
  )
  .map((parts) => parts.join(''));

/** The text of any JSON value without blanks, its names each once and not like an index, its numbers any. */
export const exactText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      anyNumber,
      anyNumber,
      trickyText.map((text) => JSON.stringify(text)),
      fc.constantFrom('true', 'false', 'null'),
    ),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
    exactObject(tie('value')),
  ),
})).value;

/** The text of an object of such members. */
export function exactObject(value: fc.Arbitrary<string>, prefix = ''): fc.Arbitrary<string> {
  const name = trickyText.filter((key) => key !== '__proto__').map((key) => `x${prefix}${key}`);
  return fc
    .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 })
    .map((members) => `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`);
}

/** Any JSON object, its names tricky or taken from `names`. */
export function jsonObject(names: readonly string[] = ['a']): fc.Arbitrary<Record<string, unknown>> {
  const name = fc.oneof(
    trickyText.filter((key) => key !== '__proto__'),
    fc.constantFrom(...names),
  );
  return fc.dictionary(name, jsonValue, { maxKeys: 6, noNullPrototype: true });
}

/** Decides blanks and escapes while printing; one draw per place. */
export const choices: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(7), { minLength: 1, maxLength: 40 });

const blanks = ['', '', '', '', ' ', '\n', '\t \r\n', '  '];

/** Prints a value as JSON with blanks at every place where JSON allows them, drawn from `draws` in turn. */
export function printSpaced(value: unknown, draws: readonly number[]): string {
  let next = 0;
  const blank = (): string => blanks[draws[next++ % draws.length] ?? 0] ?? '';
  const print = (inner: unknown): string => {
    if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner);
    const parts = Array.isArray(inner)
      ? inner.map((element) => blank() + print(element) + blank())
      : Object.entries(inner).map(
          ([key, member]) => `${blank()}${JSON.stringify(key)}${blank()}:${blank()}${print(member)}${blank()}`,
        );
    const body = parts.length === 0 ? blank() : parts.join(',');
    return Array.isArray(inner) ? `[${body}]` : `{${body}}`;
  };
  return blank() + print(value) + blank();
}

/** Writes every character of a name as `\uXXXX`. */
export function escapeAll(text: string): string {
  return text.replace(/[\s\S]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
