import { makeRunFolder, memoryFolder, sweepRunFolders } from './run-folder.mjs';

/** Gives the run its folder. The first test that needs PostgreSQL starts it there; see `postgres.ts`. */
export default async function globalSetup() {
  await sweepRunFolders();
  process.env.GT_TEST_RUN_DIR = makeRunFolder();
  process.env.GT_TEST_MEMORY_DIR = memoryFolder(process.env.GT_TEST_RUN_DIR);
}
