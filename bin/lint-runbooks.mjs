#!/usr/bin/env node
/** Holds the runbooks of the built catalogue against routes, scopes and presets; says each finding and then ends with 1. */
import { runbooks } from '../dist/catalog/runbooks/index.js';
import { lintRunbooks } from '../dist/catalog/runbooks/lint.js';

const findings = lintRunbooks(runbooks);
for (const { slug, rule, detail } of findings) process.stdout.write(`${slug}: ${rule}: ${detail}\n`);
if (findings.length > 0) process.exitCode = 1;
