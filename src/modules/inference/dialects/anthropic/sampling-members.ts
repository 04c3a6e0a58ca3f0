import { isGiven, type Fields } from '../../../../kernel/fields.js';
import { invalid } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';

export interface SamplingMembers {
  readonly said: Fields;
  readonly leftOut: readonly string[];
}

/**
 * `temperature` and `top_p`. They are hints: left out where the model takes none, and of both only the temperature is said,
 * since newer models refuse both at once.
 * @throws AppError invalid_value for a temperature above 1, the highest of this wire.
 */
export function samplingMembers({ temperature, top_p: topP }: Fields, isTaken: boolean): SamplingMembers {
  const given = Object.entries({ temperature, top_p: topP }).filter(([, value]) => isGiven(value));
  if (!isTaken) return { said: {}, leftOut: given.map(([name]) => name) };
  const degree = numberOf(temperature);
  if (degree !== undefined && degree > 1) throw invalid('temperature', 'this model takes none above 1');
  const [first, ...others] = given;
  return { said: first === undefined ? {} : Object.fromEntries([first]), leftOut: others.map(([name]) => name) };
}
