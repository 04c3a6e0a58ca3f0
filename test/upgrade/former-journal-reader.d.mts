/** The records of a dead process's folder as the release before reads them: each the JSON text of 20 columns. */
export function readFolderAsBefore(folder: string): Promise<string[]>;
