import { growUnderLoad } from './api/node-options.js';

// Only now, with V8's options set: what these load is a third of the process's memory.
await import('reflect-metadata');
const { startApi } = await import('./api/start-api.js');
const { configOrExit, failStart } = await import('./start-up.js');

startApi(configOrExit()).then(growUnderLoad).catch(failStart);
