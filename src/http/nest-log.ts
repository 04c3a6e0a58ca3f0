export { NestLog } from '../observability/nest-log.js';
