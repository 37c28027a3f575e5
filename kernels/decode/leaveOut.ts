/**
 * WGSL without what no design of a space has. Drivers inline all calls before they find that a condition is constant, so what is
 * never run is better not there: a line for a line, so that errors keep their places.
 */
import type { CompiledSpace } from '../../psa/space.js';
import { constantName } from '../wgslText.js';
import { DECODE_MODE, type Source } from './decode.js';
import { FEATURES, hasFeature } from './features.js';

/** Conditions whose value is known: features, and calls of functions that always give the same. */
export type Known = ReadonlyMap<string, boolean>;

/** The features of a space. */
export function knownFeatures(space: CompiledSpace): Map<string, boolean> {
  return new Map(FEATURES.map((feature) => [feature.constant, hasFeature(space, feature)]));
}

/** What an index may mean. */
export type DecodeMode = Source['mode'];

/** The file whose conditions {@link knownDecoding} knows. */
export const DECODER = 'kernels/decode/decode.wgsl';

/** What decode.wgsl asks, where the index of a design means one thing. */
export function knownDecoding(mode: DecodeMode): Map<string, boolean> {
  return new Map(
    Object.entries(DECODE_MODE).map(([name, each]) => [`DECODING == DECODE_${constantName(name)}`, each === mode]),
  );
}

/** The file whose conditions {@link knownRounds} knows. */
export const SWEEPER = 'kernels/entry/sweep.wgsl';

/** What sweep.wgsl asks, where a thread takes so many designs. */
export function knownRounds(designsPerThread: number): Map<string, boolean> {
  return new Map([['DESIGNS_PER_THREAD == 1u', designsPerThread === 1]]);
}

/** The parts of a condition between operators that stand in no parentheses. */
function partsOf(condition: string, operator: '||' | '&&'): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (let i = 0; i < condition.length; i++) {
    if (condition[i] === '(') depth++;
    if (condition[i] === ')') depth--;
    const splits = depth === 0 && condition.startsWith(operator, i);
    if (splits) parts.push('');
    else parts[parts.length - 1]! += condition[i]!;
    if (splits) i++;
  }
  return parts.map((part) => part.trim());
}

/** The value of a condition, undefined where it depends on the design. */
export function truthOf(condition: string, known: Known): boolean | undefined {
  for (const [operator, decisive] of [
    ['||', true],
    ['&&', false],
  ] as const) {
    const parts = partsOf(condition, operator);
    if (parts.length === 1) continue;
    const values = parts.map((part) => truthOf(part, known));
    if (values.includes(decisive)) return decisive;
    return values.includes(undefined) ? undefined : !decisive;
  }
  if (known.has(condition)) return known.get(condition);
  const [, denied] = /^!(\w+(?:\(\))?)$/.exec(condition) ?? [];
  if (denied !== undefined && known.has(denied)) return !known.get(denied);
  const [, inner] = /^\((.*)\)$/.exec(condition) ?? [];
  return inner === undefined ? undefined : truthOf(inner, known);
}

/** The line that ends what begins at a line: the next that closes a brace at its indentation. */
function endOf(lines: readonly string[], from: number, indent: string): number {
  return lines.findIndex((line, i) => i > from && line.startsWith(`${indent}}`));
}

function clear(lines: string[], from: number, end: number): void {
  lines.fill('', from, Math.max(from, end));
}

/** Of an `if` whose condition is false, what is left is its `else`. */
function leaveOutBlock(lines: string[], at: number, indent: string): void {
  const end = endOf(lines, at, indent);
  clear(lines, at, end);
  lines[end] = lines[end]!.replace(/^( *)\}(?: else (?:if )?)?/, '$1if ')
    .replace(/^ *if $/, '')
    .replace(/if \{$/, 'if (true) {');
}

/** Of one whose condition is true, its block; where that returns, nothing behind it. */
function keepBlock(lines: string[], at: number, indent: string): void {
  const end = endOf(lines, at, indent);
  lines[at] = `${indent}if (true) {`;
  let behind = end + 1;
  if (lines[end] !== `${indent}}`) {
    // Of a chain of conditions only the last end closes it.
    do behind = endOf(lines, behind - 1, indent) + 1;
    while (lines[behind - 1] !== `${indent}}`);
    clear(lines, end + 1, behind);
    lines[end] = `${indent}}`;
  }
  if (!/^ *return\b/.test(lines[end - 1]!)) return;
  clear(lines, behind, endOf(lines, behind - 1, indent.slice(2)));
  // A function must end in a return.
  lines[at] = '';
  lines[end] = '';
}

function leaveOutOf(text: string, known: Known): string {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', condition, oneLine] = /^( *)if \((.*?)\) \{( .* \})?$/.exec(lines[at]!) ?? [];
    const value = condition === undefined ? undefined : truthOf(condition, known);
    if (oneLine !== undefined) lines[at] = value === false ? '' : lines[at]!;
    else if (value === false) leaveOutBlock(lines, at, indent);
    else if (value === true) keepBlock(lines, at, indent);
    const [, start, returned] = /^( *return )(.*);$/.exec(lines[at]!) ?? [];
    const result = returned === undefined ? undefined : truthOf(returned, known);
    if (result !== undefined) lines[at] = `${start}${result};`;
  }
  return lines.join('\n');
}

/** What the texts tell besides: constants made of known ones, and functions that do nothing but return a truth value. */
function learn(texts: readonly string[], known: Known): Map<string, boolean> {
  const learnt = new Map(known).set('true', true);
  for (const text of texts) {
    for (const [, name, condition] of text.matchAll(/^const (\w+) = (.*);$/gm)) {
      const value = truthOf(condition!, learnt);
      if (value !== undefined) learnt.set(name!, value);
    }
    for (const [, name, value] of text.matchAll(/^fn (\w+)\(\) -> bool \{\s+return (true|false);\s+\}/gm)) {
      learnt.set(`${name}()`, value === 'true');
    }
  }
  return learnt;
}

/**
 * Leaves out of WGSL what conditions that are known keep from running: blocks of `if`, what stands behind a block that returns, and
 * the rest of truth values that are returned. Each text keeps its lines. Blocks are found by their indentation.
 *
 * @example
 * leaveOut(['if (HAS_LOSS) {\n  add_loss();\n}'], new Map([['HAS_LOSS', false]])); // ['\n\n']
 */
export function leaveOut(texts: readonly string[], known: Known): string[] {
  const learnt = learn(texts, known);
  const left = texts.map((text) => leaveOutOf(text, learnt));
  return learn(left, learnt).size > learnt.size ? leaveOut(left, learnt) : left;
}
