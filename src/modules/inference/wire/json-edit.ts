import { AppError } from '../../../kernel/app-error.js';
import { OPEN_BRACKET, CLOSE_BRACKET } from '../../../kernel/json-bytes.js';
import { skipSpace } from './json-tokens.js';
import type { ScannedMember, ScannedObject } from './json-scan.js';

/** One change to one top-level member. `value` and `items` are encoded JSON, copied as they are. */
export type Edit =
  /** Replaces the member's value; an absent member is appended. */
  | { readonly op: 'set'; readonly key: string; readonly value: Buffer }
  /** Takes the member out with its comma; an absent member is no fault. */
  | { readonly op: 'remove'; readonly key: string }
  /** Puts elements (one, or several with commas between them) before the first element of the member, an array. */
  | { readonly op: 'prepend'; readonly key: string; readonly items: Buffer };

/** Pieces of the result in order: a replacement, or a span of the source as start and end. */
interface Patch {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly Buffer[];
}

const NOTHING: readonly Buffer[] = [];
const comma = Buffer.from(',');

/** At most so many bytes are rewritten in place; beyond that one copy of the whole is simpler and as fast. */
const inPlaceBytes = 32 * 1024;

/**
 * The object of `scan` with all edits applied; without edits the given bytes. The scan must be of these bytes and
 * without repeated names (see `readObject`). The result is one copy, or, where `room` (a buffer of which `bytes` is a
 * part, and whose other bytes are free) allows it, the given bytes changed in their place. Throws AppError `missing_required_parameter` or `invalid_value`
 * when elements are to be put into a member that is absent or no array, and an Error when one name is edited twice.
 */
export function spliceBody(bytes: Buffer, scan: ScannedObject, edits: readonly Edit[], room?: Buffer): Buffer {
  if (edits.length === 0) return bytes;
  refuseRepeats(edits);
  const patches: Patch[] = [];
  const kept = patchMembers(bytes, scan, edits, patches);
  const appended = appendedMembers(scan, edits, kept);
  if (appended !== undefined) append(patches, appended, scan, edits);
  if (patches.length === 0) return bytes;
  // Bytes that had to be rewritten stand elsewhere and are their own.
  const inPlace = room !== undefined && room.buffer === bytes.buffer ? changeInPlace(bytes, patches, room) : undefined;
  return inPlace ?? copyPatched(bytes, patches);
}

/** New members stand behind the first one whose value is set, so that all changes lie close together; else at the end. */
function append(patches: Patch[], pieces: Buffer[], scan: ScannedObject, edits: readonly Edit[]): void {
  const beside = scan.members.find((member) => editOf(edits, member.key)?.op === 'set');
  const at = beside?.valueEnd ?? scan.members[scan.members.length - 1]?.valueEnd ?? scan.start + 1;
  const index = patches.findIndex((patch) => patch.start >= at);
  patches.splice(index === -1 ? patches.length : index, 0, { start: at, end: at, pieces });
}

/**
 * Applies the patches by moving only what stands before or behind all of them, whichever is shorter, into the free room
 * beside the bytes. Undefined when both are long or the room is too small.
 */
function changeInPlace(bytes: Buffer, patches: readonly Patch[], room: Buffer): Buffer | undefined {
  const from = patches[0]?.start ?? 0;
  const to = patches[patches.length - 1]?.end ?? 0;
  const offset = bytes.byteOffset - room.byteOffset;
  if (to <= inPlaceBytes) {
    const head = copyPatched(bytes.subarray(0, to), patches);
    const start = offset + to - head.length;
    if (start < 0) return undefined;
    head.copy(room, start);
    return room.subarray(start, offset + bytes.length);
  }
  if (bytes.length - from > inPlaceBytes) return undefined;
  const tail = copyPatched(
    bytes.subarray(from),
    patches.map((patch) => ({ ...patch, start: patch.start - from, end: patch.end - from })),
  );
  const end = offset + from + tail.length;
  if (end > room.length) return undefined;
  tail.copy(room, offset + from);
  return room.subarray(offset, end);
}

/** Adds a patch for each member that changes; says whether any member stays. */
function patchMembers(bytes: Buffer, scan: ScannedObject, edits: readonly Edit[], patches: Patch[]): boolean {
  const { members } = scan;
  let lastKept: ScannedMember | undefined;
  for (let index = 0; index < members.length; index++) {
    const member = members[index] as ScannedMember;
    const edit = editOf(edits, member.key);
    if (edit?.op === 'remove') {
      // After a kept member its following comma goes too, before the first kept one the comma on the right.
      const next = members[index + 1];
      const start = lastKept === undefined ? member.keyStart : (members[index - 1] as ScannedMember).valueEnd;
      const end = lastKept === undefined && next !== undefined ? next.keyStart : member.valueEnd;
      patches.push({ start, end, pieces: NOTHING });
      continue;
    }
    lastKept = member;
    if (edit?.op === 'set') patches.push({ start: member.valueStart, end: member.valueEnd, pieces: [edit.value] });
    else if (edit?.op === 'prepend') patches.push(prependPatch(bytes, member, edit.items));
  }
  return lastKept !== undefined;
}

function prependPatch(bytes: Buffer, member: ScannedMember, items: Buffer): Patch {
  if (bytes[member.valueStart] !== OPEN_BRACKET) {
    throw new AppError('invalid_value', { message: `Invalid type for '${member.key}': expected an array.`, param: member.key });
  }
  const start = member.valueStart + 1;
  const first = skipSpace(bytes, start, member.valueEnd);
  const pieces = bytes[first] === CLOSE_BRACKET || items.length === 0 ? [items] : [items, comma];
  return { start, end: start, pieces };
}

function appendedMembers(scan: ScannedObject, edits: readonly Edit[], afterKept: boolean): Buffer[] | undefined {
  let pieces: Buffer[] | undefined;
  for (const edit of edits) {
    if (edit.op === 'remove' || scan.members.some((member) => member.key === edit.key)) continue;
    if (edit.op === 'prepend') {
      const message = `Missing required parameter: '${edit.key}'.`;
      throw new AppError('missing_required_parameter', { message, param: edit.key });
    }
    if (afterKept || pieces !== undefined) (pieces ??= []).push(comma);
    (pieces ??= []).push(encodedName(edit.key), edit.value);
  }
  return pieces;
}

const names = new Map<string, Buffer>();
const mostNames = 1_000;

/** A member's name with its colon. They are few: those that the platform sets, and options of agents. */
function encodedName(key: string): Buffer {
  let name = names.get(key);
  if (name !== undefined) return name;
  name = Buffer.from(`${JSON.stringify(key)}:`);
  if (names.size >= mostNames) names.clear();
  names.set(key, name);
  return name;
}

function copyPatched(source: Buffer, patches: readonly Patch[]): Buffer {
  let length = source.length;
  for (const { start, end, pieces } of patches) {
    length -= end - start;
    for (const piece of pieces) length += piece.length;
  }
  const result = Buffer.allocUnsafe(length);
  let read = 0;
  let write = 0;
  for (const { start, end, pieces } of patches) {
    write += source.copy(result, write, read, start);
    for (const piece of pieces) write += piece.copy(result, write);
    read = end;
  }
  source.copy(result, write, read);
  return result;
}

function editOf(edits: readonly Edit[], key: string): Edit | undefined {
  for (const edit of edits) if (edit.key === key) return edit;
  return undefined;
}

function refuseRepeats(edits: readonly Edit[]): void {
  for (let index = 1; index < edits.length; index++) {
    const { key } = edits[index] as Edit;
    if (editOf(edits, key) !== edits[index]) throw new Error(`two edits of the member ${key}`);
  }
}
