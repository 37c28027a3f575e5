/** Lines of the width that they are read at. */
import { stripVTControlCharacters } from 'node:util';

/** Characters of a line: the terminal's, or COLUMNS; no end where text goes to a file or another program. */
export function lineWidth(): number {
  return process.stdout.columns || Number(process.env.COLUMNS) || Number.POSITIVE_INFINITY;
}

/** Characters that are seen. */
export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Words on lines of at most so many characters; a longer word has a line of its own, which is longer. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && visibleLength(last) + 1 + visibleLength(word) <= width)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/** All lines as one text, those that are too long broken. */
export function joinLines(lines: readonly string[], width = lineWidth()): string {
  return lines
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => brokenLine(line, width))
    .join('\n');
}

/** The indent of a line and, of a list, its number: `12: `. */
const LABEL = /^\s*(?:\d+: )?/;

/** A line that is too long is broken between words, and goes on at the indent that it began with, an item of a list below its text. */
export function brokenLine(line: string, width: number): string[] {
  if (visibleLength(line) <= width) return [line];
  const [label = ''] = LABEL.exec(line)!;
  const [first, ...others] = wrapWords(line.slice(label.length), width - label.length);
  return [`${label}${first}`, ...others.map((part) => `${' '.repeat(label.length)}${part}`)];
}
