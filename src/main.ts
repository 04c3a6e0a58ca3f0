import { growUnderLoad } from './api/node-options.js';

// Only now, with V8's options set: what these load is a third of the process's memory.
const { configOrExit, failStart } = await import('./start-up.js');
// What is wrong with the settings is said at once, before the seconds in which all the rest is loaded.
const config = configOrExit();
await import('reflect-metadata');
const { startApi } = await import('./api/start-api.js');

startApi(config).then(growUnderLoad).catch(failStart);
