import { CosmicError } from '../../psa/errors.js';
import { describeDesign } from '../../psa/ordinals.js';
import type { ParameterName } from '../../psa/parameters.js';
import type { CompiledSpace, ModelPhase } from '../../psa/space.js';

/** What an export reads of a design: values by the names of their parameters, as a PsA writes them. */
export interface DesignValues {
  number(name: ParameterName): number;
  text(name: ParameterName): string;
  numbers(name: ParameterName): readonly number[];
  texts(name: ParameterName): readonly string[];
}

function valuesOf(space: CompiledSpace, design: Float64Array): DesignValues {
  const entries = describeDesign(space, design);
  const all = (name: ParameterName) => entries.filter(({ parameter }) => parameter === name).map(({ value }) => value);
  return {
    // A value of 0 that has a name (`all`, `model`) means the model's own.
    number: (name) => Number(typeof all(name)[0] === 'number' ? all(name)[0] : 0),
    text: (name) => String(all(name)[0]),
    numbers: (name) => all(name).map(Number),
    texts: (name) => all(name).map(String),
  };
}

export function notExpressible(what: string, format: string, remedy: string): CosmicError {
  return new CosmicError('ARGUMENT', `${what}: ${format} cannot express that`, { remedy });
}

/** A design that trains one transformer, as the exports read it. */
export interface TrainedDesign {
  readonly values: DesignValues;
  readonly model: ModelPhase;
  /** Sequences of a global batch, and of a micro-batch of one data-parallel rank. */
  readonly batch: number;
  readonly microBatch: number;
  /** The axes of more than one NPU, innermost first. */
  readonly axes: readonly string[];
}

/**
 * Reads a design.
 *
 * @param format what it is to be written as, for the error
 * @throws CosmicError ARGUMENT where its workload is not the training of one model
 */
export function trainedDesign(space: CompiledSpace, design: Float64Array, format: string): TrainedDesign {
  const [model, ...others] = space.workload.phases as [ModelPhase, ...ModelPhase[]];
  if (others.length > 0 || model.phase !== 'training') {
    const what = `${space.workload.name} is not the training of one model`;
    throw notExpressible(what, format, 'choose such a model by --model');
  }
  const values = valuesOf(space, design);
  const batch = values.number('workload.batch') || model.batch;
  const degree = (axis: string) => values.number(`workload.${axis}` as ParameterName);
  return {
    values,
    model,
    batch,
    microBatch: values.number('workload.microBatch') || batch / values.number('workload.dp'),
    axes: values
      .text('workload.axisOrder')
      .split('-')
      .filter((axis) => degree(axis) > 1),
  };
}

/** Are the axes that are used in the order of `reference`? */
export function isInOrder(used: readonly string[], reference: readonly string[]): boolean {
  return used.join() === reference.filter((axis) => used.includes(axis)).join();
}
