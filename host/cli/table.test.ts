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

  it.each([
    100,
    200,
    Number.POSITIVE_INFINITY,
  ])('is the same on a line of %d characters as where there is no end', (width) => {
    expect(formatTable(COLUMNS, ROWS, width)).toBe(formatTable(COLUMNS, ROWS, 1000));
  });

  it('puts headings on two lines, and text goes on below itself', () => {
    expect(formatTable(COLUMNS, ROWS, 60).split('\n')).toEqual([
      '               step    network',
      'operation  time (s)   cost ($)  what it is',
      'gather          1.5    911,360  all that the ranks of a',
      '                                group have, to each of them',
      'reduce        12.25  8,775,680  the sum',
    ]);
  });

  it('breaks a heading where its two lines are shortest, not in its unit', () => {
    const columns = [left('#'), right('time × cost (s × $)', 5), left('what it is')];
    const [first, second] = formatTable(columns, [['1', '5,469', 'a text that is long enough']], 35).split('\n');
    expect(first).toBe('   time × cost');
    expect(second).toBe('#      (s × $)  what it is');
  });

  it.each([40, 60, 80])('has every word of a text that it shows on a line of %i characters', (width) => {
    const notes = ['selene-t5-gpt3-175b as in a100-80gb; software megatron-lm-2021', 'x'.repeat(70)];
    const shown = formatTable(
      [left('row'), left('taken')],
      notes.map((note, i) => [`row ${i}`, note]),
      width,
    );
    for (const word of notes.flatMap((note) => note.split(' '))) expect(shown.replaceAll(/\s/g, '')).toContain(word);
    expect(Math.max(...lengths(shown))).toBeLessThanOrEqual(width);
  });

  it('leaves out the columns of the least weight, and says which', () => {
    expect(formatTable(COLUMNS, ROWS, 28)).toContain('12.25');
    expect(formatTable(COLUMNS, ROWS, 28)).not.toContain('8,775,680');
    expect(formatTable(COLUMNS, ROWS, 28).replaceAll('\n', ' ')).toContain(
      'a wider terminal has also: network cost ($), what it is; --json has all',
    );
  });

  it.each([20, 30, 40, 50, 60, 70, 80])('has no line of more than %i characters', (width) => {
    expect(Math.max(...lengths(formatTable(COLUMNS, ROWS, width)))).toBeLessThanOrEqual(width);
  });

  it('never breaks a number', () => {
    const numbers = ROWS.flatMap((row) => row.slice(1, 3));
    for (let width = 20; width < 100; width++) {
      for (const number of formatTable(COLUMNS, ROWS, width).match(/\d[\d,.]*/g)!) expect(numbers).toContain(number);
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
