import 'reflect-metadata';
import { startApi } from './http/start-api.js';
import { configOrExit, failStart } from './start-up.js';

startApi(configOrExit()).catch(failStart);
