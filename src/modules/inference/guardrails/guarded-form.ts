import { AppError } from '../../../kernel/app-error.js';
import type { StreamedBody } from '../../../platform/upstream/upstream-call.js';
import type { FormEdits, PlacedField, RequestForm } from '../call/request-form.js';
import { readingOf } from './unread-members.js';

/** Far more than any field of the API may have. */
const mostFieldBytes = 1024 * 1024;

/** Judges the text of a field; gives what may be sent of it. */
export type JudgeField = (text: string) => Promise<string>;

/** A form whose fields were judged: those of which something was masked have their new text. */
export class GuardedForm implements RequestForm {
  readonly isWhole = true;

  private constructor(
    private readonly form: RequestForm,
    private readonly masked: ReadonlyMap<number, string>,
    private readonly maskedByName: ReadonlyMap<string, string>,
  ) {}

  /** Waits for the whole form and judges its fields. Files are not read. @throws AppError */
  static async of(form: RequestForm, judge: JudgeField): Promise<GuardedForm> {
    await form.whole();
    const masked = new Map<number, string>();
    const byName = new Map<string, string>();
    for await (const { name, place, text } of form.fields(mostFieldBytes)) {
      if (readingOf(baseOf(name), true) !== 'all') continue;
      if (text === undefined) throw tooLong(name);
      const judged = await judge(text);
      if (judged === text) continue;
      masked.set(place, judged);
      if (form.textOf(name) === text) byName.set(name, judged);
    }
    return new GuardedForm(form, masked, byName);
  }

  get contentType(): string {
    return this.form.contentType;
  }

  get names(): ReadonlySet<string> {
    return this.form.names;
  }

  get files(): ReadonlySet<string> {
    return this.form.files;
  }

  get audioSeconds(): number | undefined {
    return this.form.audioSeconds;
  }

  textOf(name: string): string | undefined {
    return this.maskedByName.get(name) ?? this.form.textOf(name);
  }

  async *fields(mostBytes: number): AsyncIterable<PlacedField> {
    for await (const field of this.form.fields(mostBytes)) yield { ...field, text: this.masked.get(field.place) ?? field.text };
  }

  whole(): Promise<void> {
    return this.form.whole();
  }

  body(edits: FormEdits): StreamedBody {
    return this.form.body({
      of: (name, place) => {
        const edit = edits.of(name, place);
        return edit === undefined ? this.masked.get(place) : edit;
      },
      added: (names) => edits.added(names),
    });
  }

  onBroken(listener: (error: AppError) => void): void {
    this.form.onBroken(listener);
  }
}

/** The field that a part belongs to: lists are written `name[]`, objects `name[member]`. */
function baseOf(name: string): string {
  return (name.split('[', 1)[0] ?? '').trim().toLowerCase();
}

function tooLong(name: string): AppError {
  const message = `The field '${name.slice(0, 64)}' is too long to be checked by the content policy of this API key.`;
  return new AppError('invalid_value', { param: name.slice(0, 64), message });
}
