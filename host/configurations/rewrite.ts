/** A design written back into the file that another one was read of: changed settings only, in the file's own words. */

import { OUTPUT } from '../../kernels/outputs.js';
import { CosmicError } from '../../psa/errors.js';
import type { ParameterName } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { designEvaluator } from '../designs/designs.js';
import { type TrainedDesign, trainedDesign } from '../export/designValues.js';
import type { ConfigurationFile, SettingChange, WrittenSetting } from './configurationFile.js';
import type { Framework } from './framework.js';
import { violations } from './legality.js';
import { type Configuration, compiledConfiguration, type ReadOptions, readConfiguration } from './readConfiguration.js';
import type { Row } from './row.js';

/** Variables that settings share may need as many rounds. */
const ROUNDS = 3;

function sameSettings(a: readonly WrittenSetting[] | undefined, b: readonly WrittenSetting[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Undefined where the framework cannot say a design. */
function unlessInexpressible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}

/** What a row writes of a design; undefined where the framework cannot say it. */
function writtenBy(row: Row, design: TrainedDesign | undefined): readonly WrittenSetting[] | undefined {
  return design === undefined ? undefined : unlessInexpressible(() => row.write(design));
}

/** Has one design what a row is about as another has it? */
function isKept({ targets }: Row, before: TrainedDesign | undefined, { values }: TrainedDesign): boolean {
  if (before === undefined) return false;
  const parameters = targets.filter((target): target is ParameterName => !target.startsWith('model.'));
  return parameters.every((name) => before.values.texts(name).join() === values.texts(name).join());
}

/**
 * Can a framework say a design at all? What would not be written of a design may stand in the file all the same, and stays.
 *
 * @param own design of the file; undefined where it made none
 */
export function isExpressible(
  { rows, title }: Framework,
  space: CompiledSpace,
  design: Float64Array,
  own: CompiledSpace | undefined,
): boolean {
  const trained = trainedDesign(space, design, title);
  const before = own && trainedDesign(own, own.fixed, title);
  return rows.every((row) => writtenBy(row, trained) !== undefined || isKept(row, before, trained));
}

/** Letters without the quotes that a shell takes away. */
const bare = (text: string): string => text.replaceAll(/^'|'$/g, '');

function valuesOf(file: ConfigurationFile, name: string): readonly string[] | undefined {
  return file.settings.get(name)?.values.map(({ text }) => text);
}

/**
 * How a file has to change, so that one design becomes another.
 *
 * @param before undefined where the file made no design
 * @throws CosmicError ARGUMENT where the framework cannot express what is to be
 */
export function changesOf(
  { framework, file }: Configuration,
  before: TrainedDesign | undefined,
  after: TrainedDesign,
): SettingChange[] {
  return framework.rows.flatMap((row): SettingChange[] => {
    if (writtenBy(row, after) === undefined && isKept(row, before, after)) return [];
    const wanted = row.write(after);
    if (sameSettings(writtenBy(row, before), wanted)) return [];
    const gone = row.settings.filter(
      (name) => file.settings.has(name) && !wanted.some((setting) => setting.name === name),
    );
    const set = wanted.filter(({ name, values }) => valuesOf(file, name)?.join(' ') !== values.map(bare).join(' '));
    return [...gone.map((name) => ({ name, values: undefined })), ...set];
  });
}

/** Settings as they are to be once the changes are made. */
function wantedValues(file: ConfigurationFile, changes: readonly SettingChange[]): Map<string, string> {
  const wanted = new Map([...file.settings.keys()].map((name) => [name, valuesOf(file, name)!.join(' ')]));
  for (const { name, values } of changes) {
    if (values === undefined) wanted.delete(name);
    else wanted.set(name, values.map(bare).join(' '));
  }
  return wanted;
}

/** A file with changes; settings that a changed variable would change too are written as they were. */
function changedFile(
  configuration: Configuration,
  changes: readonly SettingChange[],
  reread: (text: string) => ConfigurationFile,
) {
  const wanted = wantedValues(configuration.file, changes);
  let all = changes;
  for (let round = 0; round < ROUNDS; round++) {
    const file = reread(configuration.file.edited(all));
    const wrong = [...wanted].filter(([name, text]) => valuesOf(file, name)?.join(' ') !== text);
    if (wrong.length === 0) return file;
    const mended = wrong.map(([name, text]) => ({
      name,
      values: changes.find((change) => change.name === name)?.values ?? (text === '' ? [] : text.split(' ')),
      inPlace: true,
    }));
    all = [...all.filter(({ name }) => !mended.some((change) => change.name === name)), ...mended];
  }
  return undefined;
}

/** Relative; the last digits depend on the order of sums. */
const SAME = 1e-9;

/** Do two designs take the same time and memory? Switches that change nothing may differ. */
function sameStep(evaluate: ReturnType<typeof designEvaluator>, a: Float64Array, b: Float64Array): boolean {
  const [one, other] = [evaluate(a).outputs, evaluate(b).outputs];
  return [OUTPUT.timeUs, OUTPUT.reservedMB].every((place) => Math.abs(one[place]! / other[place]! - 1) < SAME);
}

/** A file with another design, as it was read again. */
export interface Rewritten {
  readonly text: string;
  readonly changes: readonly SettingChange[];
  /** Its own space: a framework may pad a model by its degrees. */
  readonly space: CompiledSpace;
}

/**
 * Writes other designs of a configuration's space into its file.
 *
 * @param reread reads a text as the file was read
 * @returns of a design undefined where the file cannot say it, or says something else besides
 */
export function rewriter(
  configuration: Configuration,
  space: CompiledSpace,
  options: ReadOptions,
  reread: (text: string) => ConfigurationFile,
): (design: Float64Array) => Rewritten | undefined {
  const { framework } = configuration;
  const own = compiledConfiguration(configuration);
  const evaluate = designEvaluator(space);
  return (design) =>
    unlessInexpressible(() => {
      const before = own && trainedDesign(own, own.fixed, framework.title);
      const changes = changesOf(configuration, before, trainedDesign(space, design, framework.title));
      const file = changedFile(configuration, changes, reread);
      if (file === undefined) return undefined;
      const again = readConfiguration(framework, file, options, configuration.bases);
      const compiled = compiledConfiguration(again);
      if (compiled === undefined || !sameStep(evaluate, compiled.fixed, design)) return undefined;
      return violations(again).length > 0 ? undefined : { text: file.text, changes, space: compiled };
    });
}
