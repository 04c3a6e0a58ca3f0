import { describe, expect, it } from '@jest/globals';
import {
  awaitedCalls,
  bringsHistory,
  holdsNothing,
  newContributions,
  unheldContributions,
  type Contribution,
  type HeldContributions,
} from './contributions.js';

/** A request in short: `s` instructions, `u` the caller, `a` the model, `c1` a call, `r1` its result, with an id behind a colon. */
function said(text: string): Contribution[] {
  return text.split(' ').map((word) => {
    const [what = '', id] = word.split(':');
    if (what === 's') return { by: 'instructions', id };
    if (what === 'u') return { by: 'caller', id };
    if (what.startsWith('r')) return { by: 'caller', resultOf: what.slice(1), id };
    return { by: 'model', id, ...(what === 'a' ? {} : { calls: what.slice(1).split(',') }) };
  });
}
const added = (text: string, held: Partial<HeldContributions> = {}): string => {
  const words = text.split(' ');
  return [...newContributions(said(text), { ...holdsNothing, ...held })]
    .sort((a, b) => a - b)
    .map((at) => words[at])
    .join(' ');
};
const holding = (open: string, calls = open): Partial<HeldContributions> => ({
  calls: new Set(calls.split(' ')),
  openCalls: new Set(open.split(' ')),
});

describe('what a request adds to its conversation', () => {
  it.each([
    ['everything but the instructions at the beginning', 's u', 'u'],
    ['instructions that come later too', 'u s u', 'u s u'],
    ['what follows the last answer', 's u a u a u', 'u'],
    ['the question and what the answer goes on from', 'u a', 'u a'],
    ['that behind a history too', 's u a u a a', 'u a a'],
    ['nothing of instructions alone', 's', ''],
    ['results of tools', 'r1 r2', 'r1 r2'],
    ['a call too that comes with its result, where it is not there', 'u c1 r1 c2 r2', 'c2 r2'],
    ['one message with several calls once', 'u c1,2 r1 r2', 'c1,2 r1 r2'],
  ])('is %s', (_what, request, expected) => {
    expect(added(request)).toBe(expected);
  });

  it('is the results of the calls that wait for one, wherever a client puts them', () => {
    expect(added('u c1 c2 r1 r2', holding('1 2'))).toBe('r1 r2');
    expect(added('u c1 r1 c2 r2', holding('1 2'))).toBe('r1 r2');
    expect(added('u c1 r1 c2 r2', holding('2', '1 2'))).toBe('r2');
  });

  it('is the last result of an id that was used for several calls', () => {
    expect(added('u c1 r1 a u c1 r1', holding('1'))).toBe('r1');
    expect([...newContributions(said('u c1 r1 a u c1 r1'), { ...holdsNothing, ...holding('1') })]).toEqual([6]);
  });

  it('is no result that the conversation has already', () => {
    expect(added('u c1 r1', { calls: new Set(['1']) })).toBe('');
  });

  it('is nothing that the conversation holds', () => {
    const ids = new Set(['x', 'y']);
    expect(added('u:x u', { ids })).toBe('u');
    expect(added('u a u:x u', { ids })).toBe('u');
    expect(added('u a:y', { ids })).toBe('');
    expect(added('u u:x', { ids })).toBe('u');
    expect(added('u a:unknown', { ids })).toBe('u a:unknown');
    expect([...unheldContributions(said('s u:x a c1:y r1'), { ...holdsNothing, ids })]).toEqual([0, 2, 4]);
  });
});

it('only what the model says makes a history', () => {
  expect(['s u r1', 'u a u', 'u c1 r1'].map((text) => bringsHistory(said(text)))).toEqual([false, true, true]);
});

it('calls are awaited whose results come without them', () => {
  expect([...awaitedCalls(said('u c1 r1 r2'))]).toEqual(['2']);
});
