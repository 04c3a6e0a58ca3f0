/** What pdf.js tells of a note, a field of a form or another thing that lies on a page. */
export interface PdfAnnotation {
  readonly subtype?: string;
  readonly annotationFlags?: number;
  readonly fieldName?: string;
  readonly fieldType?: string;
  readonly fieldValue?: unknown;
  readonly alternativeText?: string;
  readonly password?: boolean;
  readonly radioButton?: boolean;
  readonly pushButton?: boolean;
  readonly buttonValue?: string | null;
  readonly contentsObj?: { readonly str: string };
  readonly titleObj?: { readonly str: string };
}

const hidden = 2;
/** A link's words stand on the page, a popup shows its parent's, and a file is no note. */
const notNotes = new Set(['Widget', 'Link', 'Popup', 'FileAttachment', 'Sound', 'Movie', 'Screen']);

/** The values of a page's form fields and its notes, each as a line: `Account number: 4711`, `Note (Ada): check this`. */
export function annotationText(annotations: readonly PdfAnnotation[]): string {
  const shown = annotations.filter(({ annotationFlags = 0 }) => (annotationFlags & hidden) === 0);
  const lines = [...shown.map(fieldLine), ...shown.map(noteLine)];
  const text = [...new Set(lines.filter((line) => line !== ''))].join('\n');
  return text === '' ? '' : `${text}\n\n`;
}

function fieldLine(field: PdfAnnotation): string {
  if (field.subtype !== 'Widget' || field.fieldType === 'Sig' || field.password === true || field.pushButton === true) return '';
  const values = (Array.isArray(field.fieldValue) ? field.fieldValue : [field.fieldValue]).filter(
    (value): value is string => typeof value === 'string' && value.trim() !== '',
  );
  const value = values.join(', ').trim();
  if (value === '' || (field.fieldType === 'Btn' && value === 'Off')) return '';
  // Each button of a group tells the value of the group.
  if (field.radioButton === true && field.buttonValue !== value) return '';
  const name = field.alternativeText?.trim() || field.fieldName?.trim() || '';
  return name === '' ? value : `${name}: ${value}`;
}

function noteLine({ subtype = '', contentsObj, titleObj }: PdfAnnotation): string {
  const text = contentsObj?.str.trim() ?? '';
  if (text === '' || notNotes.has(subtype)) return '';
  const author = titleObj?.str.trim() ?? '';
  return `Note${author === '' ? '' : ` (${author})`}: ${text}`;
}
