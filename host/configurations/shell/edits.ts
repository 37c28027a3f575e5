/** Changes of single places of a text. */
import type { Span } from './fields.js';

export interface Edit extends Span {
  readonly text: string;
}

/** The text with some places changed; where two touch the same place in the same way it is changed once. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = [...edits].sort((a, b) => b.start - a.start || b.end - a.end);
  let result = text;
  let before: Edit | undefined;
  for (const edit of sorted) {
    const same =
      before !== undefined && before.start === edit.start && before.end === edit.end && edit.end > edit.start;
    if (!same) result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
    before = edit;
  }
  return result;
}

/** Where the line of a place begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** A span with the quotes around it. */
function withQuotes(text: string, { start, end }: Span): Span {
  const quote = text[start - 1];
  return (quote === '"' || quote === "'") && text[end] === quote ? { start: start - 1, end: end + 1 } : { start, end };
}

/** From the first span to the last, where nothing but blanks lies between them. */
export function joined(text: string, spans: readonly Span[]): Span | undefined {
  const all = spans.map((span) => withQuotes(text, span));
  for (let i = 1; i < all.length; i++) {
    if (!/^[\s\\=]*$/.test(text.slice(all[i - 1]!.end, all[i]!.start))) return undefined;
  }
  const [first, last] = [all[0], all.at(-1)];
  return first === undefined || last === undefined ? undefined : { start: first.start, end: last.end };
}

/**
 * Takes a span out, with the line that it leaves empty: unless that line ends a command that the line before continues.
 */
export function removal(text: string, { start, end }: Span): Edit {
  const begin = lineStart(text, start);
  const newline = text.indexOf('\n', end);
  const lineEnd = newline < 0 ? text.length : newline;
  const [before, after] = [text.slice(begin, start), text.slice(end, lineEnd)];
  const continues = /\\\s*$/.test(after);
  const continued = /\\\s*\n$/.test(text.slice(0, begin));
  const alone = /^\s*$/.test(before) && /^\s*\\?\s*$/.test(after);
  if (alone && (continues || !continued) && newline >= 0) return { start: begin, end: newline + 1, text: '' };
  const blanks = /[ \t]*$/.exec(before)![0].length;
  return { start: alone ? start : start - blanks, end, text: '' };
}

/** Puts arguments before another one: on a line of their own where that begins one that goes on. */
export function insertion(text: string, anchor: Span, added: string): Edit {
  const newline = text.indexOf('\n', anchor.end);
  const indent = text.slice(lineStart(text, anchor.start), anchor.start);
  const continues = newline >= 0 && /\\$/.test(text.slice(anchor.end, newline));
  const separator = /^\s*$/.test(indent) && continues ? ` \\\n${indent}` : ' ';
  return { start: anchor.start, end: anchor.start, text: `${added}${separator}` };
}
