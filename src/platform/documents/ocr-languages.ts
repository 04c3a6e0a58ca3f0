import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/**
 * The files of the languages' data, for Tesseract: of the folder where one is given (GT_TESSERACT_DATA: `deu.traineddata`, packed by
 * gzip or not), else of the installed packages `@tesseract.js-data/<language>`. What is not there is missing; all is missing
 * without the package `tesseract.js`. Nothing is ever fetched.
 */
export async function ocrLanguageFiles(
  languages: readonly string[],
  folder: string | undefined,
): Promise<{ readonly files: Readonly<Record<string, string>>; readonly missing: readonly string[] }> {
  const files: Record<string, string> = {};
  const missing: string[] = [];
  for (const language of languages) {
    const file = isInstalled('tesseract.js') ? await fileOf(language, folder) : undefined;
    if (file === undefined) missing.push(language);
    else files[language] = file;
  }
  return { files, missing };
}

async function fileOf(language: string, folder: string | undefined): Promise<string | undefined> {
  for (const path of placesOf(language, folder)) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

function placesOf(language: string, folder: string | undefined): string[] {
  const name = `${language}.traineddata`;
  if (folder !== undefined) return [join(folder, name), join(folder, `${name}.gz`)];
  const found = pathOf(`@tesseract.js-data/${language}/package.json`);
  return found === undefined ? [] : [join(dirname(found), '4.0.0_best_int', `${name}.gz`)];
}

function isInstalled(name: string): boolean {
  return pathOf(`${name}/package.json`) !== undefined;
}

function pathOf(name: string): string | undefined {
  try {
    return resolve(name);
  } catch {
    return undefined;
  }
}
