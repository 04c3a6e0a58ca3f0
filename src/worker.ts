import 'reflect-metadata';
import { configOrExit, failStart } from './start-up.js';
import { startWorker } from './worker/start-worker.js';

startWorker(configOrExit()).catch(failStart);
