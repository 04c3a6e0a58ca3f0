import 'reflect-metadata';
import { startApi } from './api/start-api.js';
import { configOrExit, failStart } from './start-up.js';

startApi(configOrExit()).catch(failStart);
