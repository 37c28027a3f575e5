/** The calibrated machine as a file: what the machine's and the framework's files say, with the constants and what they rest on. */
import { basename } from 'node:path';
import { Document, isMap, isScalar, type Node } from 'yaml';
import { findParameter, STACKS } from '../../psa/parameters.js';
import { presetFile } from '../../psa/presets.js';
import { readSource } from '../../psa/readSource.js';
import { shortName } from '../../psa/schema.js';
import { formatError, formatNumber } from '../display/format.js';
import type { CalibrationResult } from './calibrate.js';
import type { CalibratedConstant, Calibration } from './evidence.js';

type Data = Record<string, unknown>;

/** Digits of a constant: more than any interval is narrow. */
const DIGITS = 4;

/** Where a system's file says a parameter. */
function pathOf(name: string): (string | number)[] {
  const [, parameterName, dimension] = /^([^[]+)(?:\[(\d)\])?$/.exec(name)!;
  const parameter = findParameter(parameterName!)!;
  const short = shortName(parameter);
  if (parameter.stack !== 'network') return [parameter.stack, short];
  return dimension === undefined ? [short] : ['dimensions', Number(dimension), short];
}

/** Puts what a framework decides in the place of what the machine says. */
function mergeSoftware(document: Document, software: Data): void {
  const dimensions = (document.toJS() as { dimensions: unknown[] }).dimensions.length;
  for (const stack of STACKS) {
    for (const [short, value] of Object.entries((software[stack] ?? {}) as Data)) {
      const parameter = findParameter(`${stack}.${short}`);
      if (parameter === undefined) continue;
      const name = parameter.name;
      const places = parameter.perDimension ? Array.from({ length: dimensions }, (_, d) => `${name}[${d}]`) : [name];
      places.forEach((place, d) => {
        document.setIn(pathOf(place), Array.isArray(value) ? value[d] : value);
      });
    }
  }
}

function commentOf({ interval }: CalibratedConstant, { evidence, fitted, files }: Calibration): string {
  const [low, high] = interval.map((value) => formatNumber(value, DIGITS));
  return ` ${low} to ${high}; calibrated on ${fitted.cases} rows: ${evidence} (${files.map((file) => basename(file)).join(', ')})`;
}

function setConstants(document: Document, calibrations: readonly Calibration[]): void {
  for (const calibration of calibrations) {
    for (const constant of calibration.constants) {
      const path = pathOf(constant.name);
      document.setIn(path, Number(constant.value.toPrecision(DIGITS)));
      const node = document.getIn(path, true);
      if (isScalar(node)) node.comment = commentOf(constant, calibration);
    }
  }
}

function headingOf({ machine, software, resamples, seed, calibrations, assumed }: CalibrationResult): string {
  const rows = calibrations.map(({ evidence, before, fitted, leftOut }) => {
    const out = leftOut === undefined ? '' : `, ${formatError(leftOut.medianRelError)} of rows left out of the fit`;
    return `${evidence}: ${fitted.cases} rows, median error ${formatError(before.medianRelError)} before, ${formatError(fitted.medianRelError)} fitted${out}`;
  });
  const origin = software === undefined ? machine : `${machine} and the framework ${software}`;
  return [
    `Calibrated by cosmic calibrate from ${origin}; what has no interval here is as there.`,
    `Intervals: nine of ten of ${resamples} fits to resampled rows, seed ${seed}.`,
    ...rows,
    ...(assumed.length === 0 ? [] : [`Assumed, as no row decides them: ${assumed.map(({ name }) => name).join(', ')}`]),
  ]
    .map((line) => ` ${line}`)
    .join('\n');
}

/** One value a line, so that each can have its comment. */
function unfold(node: unknown): void {
  if (isMap(node)) node.flow = false;
  for (const { value } of isMap(node) ? node.items : []) unfold(value as Node);
}

/**
 * The text of the file of a calibrated machine.
 *
 * @param name the machine's
 * @param machine preset or file that it was calibrated from
 * @param software preset or file
 * @throws CosmicError as `readSource`
 */
export function machineFileText(
  result: CalibrationResult,
  {
    name,
    machine,
    software,
  }: { readonly name: string; readonly machine: string; readonly software?: string | undefined },
): string {
  const data = readSource(presetFile('systems', machine, { file: `--machine ${machine}` })).data as Data;
  const description = `${String(data.description ?? data.name)}, calibrated`;
  const document = new Document({ ...data, name, description });
  if (software !== undefined) {
    mergeSoftware(
      document,
      readSource(presetFile('software', software, { file: `--software ${software}` })).data as Data,
    );
  }
  setConstants(document, result.calibrations);
  const dimensions = document.getIn(['dimensions']) as { items: Node[] };
  for (const dimension of dimensions.items) unfold(dimension);
  document.commentBefore = headingOf(result);
  return document.toString({ lineWidth: 0 });
}
