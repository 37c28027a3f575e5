/** Words of a shell once their variables are put in, with the places in the file that their letters come from. */

/** Offsets in a file: the first letter, and the one behind the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A part of a word's value. */
export interface Chunk {
  readonly text: string;
  /** Offset in the file where these letters stand as they are; undefined where they are computed. */
  readonly at: number | undefined;
  /** Quoted letters are not split at blanks. */
  readonly quoted: boolean;
  /** The variable or the command whose value the file does not say. */
  readonly unknown?: string;
  /** The expansions that it came through, such as `$TP`, innermost first. */
  readonly uses: readonly Span[];
}

/** What a word becomes: parts, and breaks between the elements of an array. */
export type Token = Chunk | 'break';

/** One argument of a command. */
export interface Field {
  readonly text: string;
  readonly chunks: readonly Chunk[];
}

function fieldOf(chunks: readonly Chunk[]): Field {
  return { text: chunks.map(({ text }) => text).join(''), chunks };
}

/** Letters of a chunk from `from` to `to`. */
function subChunk(chunk: Chunk, from: number, to: number): Chunk {
  const at = chunk.at === undefined ? undefined : chunk.at + from;
  return { ...chunk, text: chunk.text.slice(from, to), at };
}

/** Splits what is not quoted at blanks. */
export function fieldsOf(tokens: readonly Token[]): Field[] {
  const fields: Field[] = [];
  let current: Chunk[] = [];
  const flush = () => {
    if (current.length > 0) fields.push(fieldOf(current));
    current = [];
  };
  for (const token of tokens) {
    if (token === 'break') flush();
    else if (token.quoted || token.unknown !== undefined) current.push(token);
    else {
      for (const { 0: piece, index } of token.text.matchAll(/\s+|\S+/g)) {
        if (/^\s/.test(piece)) flush();
        else current.push(subChunk(token, index, index + piece.length));
      }
    }
  }
  flush();
  return fields;
}

/** The field whose letters from `from` on are those of this one. */
export function tailOf({ chunks }: Field, from: number): Field {
  let skipped = 0;
  const rest: Chunk[] = [];
  for (const chunk of chunks) {
    const start = Math.min(Math.max(from - skipped, 0), chunk.text.length);
    skipped += chunk.text.length;
    if (start < chunk.text.length || chunk.unknown !== undefined) rest.push(subChunk(chunk, start, chunk.text.length));
  }
  return fieldOf(rest);
}

/** Where the file has a field in so many letters; undefined where it does not. */
export function spanOf({ chunks }: Field): Span | undefined {
  const [first] = chunks;
  if (first?.at === undefined) return undefined;
  let end = first.at;
  for (const { at, text } of chunks) {
    if (at !== end) return undefined;
    end += text.length;
  }
  return { start: first.at, end };
}

/**
 * Where a field is written at a level of expansions: that of a flag beside it. A value that comes from a variable is there as `$TP`.
 *
 * @param level expansions that the flag came through
 */
export function siteOf({ chunks }: Field, level: number): Span | undefined {
  const sites = chunks.map(({ uses, at, text }) => {
    if (uses.length > level) return uses[uses.length - level - 1];
    return at === undefined ? undefined : { start: at, end: at + text.length };
  });
  if (sites.length === 0 || sites.includes(undefined)) return undefined;
  const known = sites as Span[];
  return { start: Math.min(...known.map(({ start }) => start)), end: Math.max(...known.map(({ end }) => end)) };
}

/** Expansions that a field came through. */
export function levelOf({ chunks }: Field): number {
  return Math.min(...chunks.map(({ uses }) => uses.length));
}

/** What the file leaves open of a field. */
export function unknownOf({ chunks }: Field): string | undefined {
  return chunks.find(({ unknown }) => unknown !== undefined)?.unknown;
}
