/** Tables fit the line that they are read at. */
import { describe, expect, it } from 'vitest';
import { fitted } from './progress.js';
import { formatTable, left, right } from './table.js';
import { joinLines } from './terminal.js';

const COLUMNS = [left('operation'), right('step time (s)', 2), right('network cost ($)'), left('what it is', 0)];
const ROWS = [
  ['gather', '1.5', '911,360', 'all that the ranks of a group have, to each of them'],
  ['reduce', '12.25', '8,775,680', 'the sum'],
];

const lengths = (text: string): number[] => text.split('\n').map((line) => line.length);

describe('a table', () => {
  it('is whole where there is room', () => {
    expect(formatTable(COLUMNS, ROWS, 120).split('\n')).toEqual([
      'operation  step time (s)  network cost ($)  what it is',
      'gather               1.5           911,360  all that the ranks of a group have, to each of them',
      'reduce             12.25         8,775,680  the sum',
    ]);
  });

  it('puts headings on two lines and shortens text', () => {
    expect(formatTable(COLUMNS, ROWS, 60).split('\n')).toEqual([
      expect.stringMatching(/^ +step +network$/),
      expect.stringMatching(/^operation +time \(s\) +cost \(\$\) +what it is$/),
      expect.stringMatching(/^gather +1\.5 +911,360 +all that the ranks .*…$/),
      expect.stringMatching(/^reduce +12\.25 +8,775,680 +the sum$/),
    ]);
  });

  it('leaves out the columns of the least weight, and says which', () => {
    expect(formatTable(COLUMNS, ROWS, 28)).toContain('12.25');
    expect(formatTable(COLUMNS, ROWS, 28)).not.toContain('8,775,680');
    expect(formatTable(COLUMNS, ROWS, 28).replaceAll('\n', ' ')).toContain(
      'a wider terminal has also: network cost ($), what it is',
    );
  });

  it.each([20, 30, 40, 50, 60, 70, 80])('has no line of more than %i characters', (width) => {
    expect(Math.max(...lengths(formatTable(COLUMNS, ROWS, width)))).toBeLessThanOrEqual(width);
  });

  it('never cuts a number', () => {
    for (let width = 20; width < 100; width++) {
      expect(formatTable(COLUMNS, ROWS, width).match(/\d[\d,.]*…/)).toBeNull();
    }
  });
});

it('text goes on at its own indent', () => {
  expect(joinLines(['  - one two three four'], 14)).toBe('  - one two\n  three four');
  expect(joinLines(['12: one two three four'], 14)).toBe('12: one two\n    three four');
});

describe('a line of progress', () => {
  const parts = [
    { text: '1,000 of 2,000 designs', weight: 1 },
    { text: '12 % feasible', weight: 0 },
    { text: 'best 35.83 s', weight: 4 },
  ];
  it('has all that there is room for, and the best always', () => {
    expect(fitted(parts, 80)).toBe('1,000 of 2,000 designs · 12 % feasible · best 35.83 s');
    expect(fitted(parts, 40)).toBe('1,000 of 2,000 designs · best 35.83 s');
    expect(fitted(parts, 10)).toBe('best 35.83 s');
  });
});
