/** The oldest Node.js that the platform runs on; `engines` in package.json says the same. */
const oldest = [20, 19];

/** Ends the process with one clear line when this Node.js is too old. Written so that very old versions can read it. */
export function requireNode() {
  const found = process.versions.node.split('.').map(Number);
  const enough = found[0] > oldest[0] || (found[0] === oldest[0] && found[1] >= oldest[1]);
  if (enough) return;
  console.error(
    'The GT API needs Node.js ' +
      oldest.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      '. Get it from https://nodejs.org/.',
  );
  process.exit(1);
}
