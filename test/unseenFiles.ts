/** Measured steps that nobody fitted: all files of them, and those that the evidence which ships was written with. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadEvidence } from '../host/doubt/evidence.js';
import { packageRoot } from '../psa/packageRoot.js';

export const measuredFolder = join(packageRoot, 'test', 'data', 'measured');

/** Names in test/data/measured. */
export const allUnseen = readdirSync(measuredFolder).filter((name) => /^unseen\d*\.csv$/.test(name));

/** Names, in the order of evidence's command. */
export const judgedUnseen = [...loadEvidence().command.matchAll(/--unseen (\S+)/g)].map(([, name]) => name!);
