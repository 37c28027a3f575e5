/** Presets that say what measured steps do. */

import { isScalar, parseDocument } from 'yaml';
import { readText } from '../../psa/files.js';
import { writeAtomically } from '../disk/files.js';
import type { FittedConstant } from '../validate/measured/sharedFit.js';

/** Digits of a constant: more than rows tell. */
const DIGITS = 3;

/** The text with a value in the place of another; comments and the rest stay as they are. Where it says none, the text. */
function withValue(text: string, path: readonly string[], value: number): string {
  const node = parseDocument(text).getIn(path, true);
  if (!isScalar(node) || node.range == null) return text;
  const [start, end] = node.range;
  return `${text.slice(0, start)}${Number(value.toPrecision(DIGITS))}${text.slice(end)}`;
}

/**
 * Writes fitted constants into the files that say them.
 *
 * @returns the files that changed
 */
export function writeConstants(constants: readonly FittedConstant[]): string[] {
  const files = [...new Set(constants.flatMap((one) => one.files))];
  return files.filter((file) => {
    const before = readText(file, 'check the presets');
    const own = constants.filter((one) => one.files.includes(file));
    const after = own.reduce((text, { constant, value }) => withValue(text, constant.name.split('.'), value), before);
    if (after !== before) writeAtomically(file, after);
    return after !== before;
  });
}
