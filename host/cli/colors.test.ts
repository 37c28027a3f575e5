import { expect, it } from 'vitest';
import { colorsOn } from './colors.js';

const TERMINAL = { isTTY: true };

it.each([
  ['a terminal', TERMINAL, {}, true],
  ['a terminal where nobody wants them', TERMINAL, { NO_COLOR: '1' }, false],
  ['a pipe', {}, {}, false],
  ['a pipe of a CI system', {}, { CI: '1' }, false],
  ['a pipe where somebody wants them', {}, { FORCE_COLOR: '1' }, true],
])('colours of %s', (_, stream, environment, colored) => {
  expect(colorsOn(stream, environment).red('x') !== 'x').toBe(colored);
});
