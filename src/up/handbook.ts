import { fileURLToPath } from 'node:url';

/** The demo's document: something small to upload and to ask. */
export const handbookPath = fileURLToPath(new URL('../../docs/handbook.pdf', import.meta.url));

/** The dataset that it belongs into, and the alias of the agent that answers from it. */
export const handbookDataset = 'handbook';
export const librarian = 'librarian';

/** Its answer stands in that document and nowhere else. */
export const handbookQuestion = 'What is the access code of the north gate?';
