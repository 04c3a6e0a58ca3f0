/** What the test gives each script: the base URL under test, and keys for the good case and for the refusals. */
export const given = JSON.parse(process.env.GT_TEST_CLIENT ?? '{}');

/** Runs every step and prints one JSON object as the last line: what each gave, or what it threw. Clients print warnings before it. */
export async function report(steps) {
  const results = {};
  for (const [name, step] of Object.entries(steps)) results[name] = await outcomeOf(step);
  process.stdout.write(`\n${JSON.stringify(results)}`);
}

/** The same for steps that do not touch each other and mostly wait. */
export async function reportAtOnce(steps) {
  const results = await Promise.all(Object.entries(steps).map(async ([name, step]) => [name, await outcomeOf(step)]));
  process.stdout.write(`\n${JSON.stringify(Object.fromEntries(results))}`);
}

const outcomeOf = (step) =>
  step().then(
    (value) => ({ value }),
    (error) => ({ error: described(error) }),
  );

/** The members of an error that programs decide by. */
export function described(error) {
  const { name, message, status, statusCode, code, type, param, isRetryable } = error;
  return {
    class: error.constructor.name,
    name,
    message: String(message).slice(0, 300),
    status: status ?? statusCode,
    code,
    type,
    param,
    isRetryable,
  };
}

/** The tool of all clients' tests, as JSON Schema. */
export const weatherParameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** Rounded, so that float32 and float64 forms of a vector compare equal. */
export const rounded = (vector) => vector.map((value) => Number(value.toFixed(5)));
