import multer from 'multer';
import { serveReceiver } from './receiver.mjs';

/*
 * The bare receiver that the product's uploads are held against: multer writing to the disk. It knows no key, no limit, no
 * type and no hash, brings nothing to the disk's surface and keeps no row.
 * Usage: node bare-receiver.mjs <folder>.
 */
await serveReceiver(multer.diskStorage({ destination: process.argv[2] }));
