/** The passages of one ingestion of a file; they are replaced as a whole. */
export interface PassageSet {
  readonly fileId: string;
  /** Empty: the file's own ingestion. */
  readonly ingestionId: string;
}

/** One text that names the set. */
export function setKey({ fileId, ingestionId }: PassageSet): string {
  return ingestionId === '' ? fileId : `${fileId}/${ingestionId}`;
}
