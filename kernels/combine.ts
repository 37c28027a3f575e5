/**
 * How parts make a whole, stages a graph, and graphs a design, as the rows of the catalogue say it; and the same as WGSL, whose
 * functions have the same names and work on `parts`, `other` and `outputs` of state.wgsl.
 */
import { OUTPUT, OUTPUTS, type OutputDefinition, type OutputName, partsOf } from './outputs.js';
import { constantName } from './wgslText.js';

function namesOf(...combine: readonly OutputDefinition['combine'][]): OutputName[] {
  return OUTPUTS.filter((output) => combine.includes(output.combine)).map(({ name }) => name);
}

const placesOf = (names: readonly OutputName[]): readonly number[] => names.map((name) => OUTPUT[name]);

const SUMS = placesOf(namesOf('sum'));
const FULLEST = placesOf(namesOf('fullest'));
const MOST = placesOf(namesOf('most'));
const OF_MEMORY = placesOf(namesOf('fullest', 'most'));
const OF_GRAPHS = placesOf(namesOf('sum', 'fullest', 'most', 'rate'));
const MEMORY_PARTS = placesOf(partsOf('memoryMB'));

/** Sets the outputs that come from graphs to 0. */
export function clearGraphs(outputs: Float64Array, row: number): void {
  for (const place of OF_GRAPHS) outputs[row + place] = 0;
}

/** Sets the times in `parts` to 0, and what else adds up. */
export function clearTimes(parts: Float64Array): void {
  for (const place of SUMS) parts[place] = 0;
}

/** Adds the times of a graph, and what else adds up. */
export function addTimes(outputs: Float64Array, row: number, parts: Float64Array, weight: number): void {
  for (const place of SUMS) outputs[row + place]! += weight * parts[place]!;
}

/** Sets the outputs that come from graphs to those of the only one: the same as to clear them and to add it. */
export function setGraph(outputs: Float64Array, row: number, parts: Float64Array, weight: number): void {
  for (const place of SUMS) outputs[row + place] = weight * parts[place]!;
  for (const place of OF_MEMORY) outputs[row + place] = parts[place]!;
}

/** The sum of a memory's parts, MB. */
export function sumMemoryMB(parts: Float64Array): number {
  let sum = 0;
  for (const place of MEMORY_PARTS) sum += parts[place]!;
  return sum;
}

/** What takes memory no farther apart is as large, in f32 as in f64: of stages the parts are those of the first. */
export const AS_FULL = 1e-5;

/**
 * Takes the parts of the memory over where it is larger, and what is reserved by itself: the fullest need not reserve the most. Of
 * stages that are as full the parts of the first stand, stretched to the larger sum, for that is what bounds hold for.
 */
export function keepFuller(outputs: Float64Array, row: number, parts: Float64Array): void {
  const isFuller = parts[OUTPUT.memoryMB]! > outputs[row + OUTPUT.memoryMB]! * (1 + AS_FULL);
  for (const place of MOST) outputs[row + place] = Math.max(outputs[row + place]!, parts[place]!);
  if (isFuller) {
    for (const place of FULLEST) outputs[row + place] = parts[place]!;
  } else if (parts[OUTPUT.memoryMB]! > outputs[row + OUTPUT.memoryMB]!) {
    const stretch = parts[OUTPUT.memoryMB]! / outputs[row + OUTPUT.memoryMB]!;
    for (const place of FULLEST) outputs[row + place]! *= stretch;
    outputs[row + OUTPUT.memoryMB] = parts[OUTPUT.memoryMB]!;
  }
}

const output = (array: string, place: number): string => `${array}[OUTPUT_${constantName(OUTPUTS[place]!.name)}]`;

function each(places: readonly number[], line: (place: number) => string): string[] {
  return places.map((place) => `  ${line(place)};`);
}

function keepFullerText(name: string, to: string, from: string): string[] {
  const memory = OUTPUT.memoryMB;
  const keepMost = (place: number): string =>
    `${output(to, place)} = max(${output(to, place)}, ${output(from, place)})`;
  return [
    `fn ${name}() {`,
    `  let is_fuller = ${output(from, memory)} > ${output(to, memory)} * (1.0 + AS_FULL);`,
    ...each(MOST, keepMost),
    '  if (is_fuller) {',
    ...each(FULLEST, (place) => `${output(to, place)} = ${output(from, place)}`),
    `  } else if (${output(from, memory)} > ${output(to, memory)}) {`,
    `    let stretch = ${output(from, memory)} / ${output(to, memory)};`,
    ...each(FULLEST, (place) => `${output(to, place)} *= stretch`),
    `    ${output(to, memory)} = ${output(from, memory)};`,
    '  }',
    '}',
  ];
}

/**
 * The same as WGSL: times in us, memory in MB. `start_outputs` sets all to 0, line by line: Mesa's llvmpipe unrolls no loop of more than
 * 32 turns, and what a loop indexes it keeps in memory. `keep_fuller_stage` and `keep_fuller_graph` are both {@link keepFuller}.
 */
export function combineProgram(): string {
  return [
    'fn start_outputs() {',
    ...each([...OUTPUTS.keys()], (place) => `${output('outputs', place)} = 0.0`),
    '}',
    'fn clear_times() {',
    ...each(SUMS, (place) => `${output('parts', place)} = 0.0`),
    '}',
    'fn add_times(weight: f32) {',
    ...each(SUMS, (place) => `${output('outputs', place)} += weight * ${output('parts', place)}`),
    '}',
    'fn sum_memory_mb() -> f32 {',
    `  return ${MEMORY_PARTS.map((place) => output('other', place)).join(' + ')};`,
    '}',
    ...keepFullerText('keep_fuller_stage', 'parts', 'other'),
    ...keepFullerText('keep_fuller_graph', 'outputs', 'parts'),
    '',
  ].join('\n');
}
