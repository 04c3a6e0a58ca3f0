import { loaded } from './api/node-options.js';
import 'reflect-metadata';
import { startApi } from './api/start-api.js';
import { configOrExit, failStart } from './start-up.js';

startApi(configOrExit()).then(loaded).catch(failStart);
