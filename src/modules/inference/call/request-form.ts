import type { AppError } from '../../../kernel/app-error.js';
import type { StreamedBody } from '../../../platform/upstream/upstream-call.js';

/** A field of a form and its text. */
export type FormField = readonly [name: string, text: string];

/** What changes in a form on its way to the provider. */
export interface FormEdits {
  /**
   * What becomes of a part: it stays as it is (undefined), it goes (null), or a field with this text takes its place.
   * @param place of the part among all, from 0 on.
   */
  of(name: string, place: number): string | null | undefined;
  /**
   * Fields that stand behind the client's parts.
   * @param names of the parts that the form has.
   * @throws AppError for a form that lacks a part.
   */
  added(names: ReadonlySet<string>): readonly FormField[];
}

/** A field of a form that is here whole, at its place among all parts. */
export interface PlacedField {
  readonly name: string;
  readonly place: number;
  /** Undefined for one that is longer than was asked for. */
  readonly text: string | undefined;
}

/** A multipart form, of which some has come and the rest may still be on its way. */
export interface RequestForm {
  /** As the client sent it, with the boundary. */
  readonly contentType: string;
  /** Nothing of the form is still to come. */
  readonly isWhole: boolean;
  /** Names of the parts that have come so far, and of the one that comes now. */
  readonly names: ReadonlySet<string>;
  /** The first text of that name that has come whole so far. */
  textOf(name: string): string | undefined;
  /** Names of files that have come or begun. */
  readonly files: ReadonlySet<string>;
  /** How long the sound of its first file lasts, as far as that has come; undefined for everything but WAV files. */
  readonly audioSeconds: number | undefined;
  /** The fields of a form that is here whole, in their order; files are left out. @param mostBytes of a field that is read. */
  fields(mostBytes: number): AsyncIterable<PlacedField>;
  /** Keeps the rest in the data folder until the form is whole. @throws AppError when it does not come whole. */
  whole(): Promise<void>;
  /** The form on its way to the provider: the client's own parts byte by byte, but for the edits. */
  body(edits: FormEdits): StreamedBody;
  /** Calls the listener when the rest of a form that is being sent cannot be had; at once when that is so already. */
  onBroken(listener: (error: AppError) => void): void;
}
