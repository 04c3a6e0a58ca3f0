const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** The build's own settings, with which tests compile as well; only the build leaves the specs out. */
const { exclude: _exclude, $schema: _schema, ...compiler } = JSON.parse(readFileSync(join(__dirname, '../../../.swcrc'), 'utf8'));

/** How a source is compiled; with a map of its lines where one is asked for. */
exports.compilerOptions = (filename, sourceMaps = false) => ({ ...compiler, swcrc: false, filename, sourceMaps });
