import { configOrExit, failStart } from './start-up.js';

// What is wrong with the settings is said at once, before the seconds in which all the rest is loaded.
const config = configOrExit();
await import('reflect-metadata');
const { startWorker } = await import('./worker/start-worker.js');

startWorker(config).catch(failStart);
