/** From a user's few logs to constants of a machine, with what they rest on. */
import { basename } from 'node:path';
import { CosmicError } from '../../psa/errors.js';
import { loadSoftware, withSoftware } from '../../psa/software.js';
import { loadSystem, type System } from '../../psa/system.js';
import { occurrences } from '../validate/cases.js';
import { collectiveEvidence } from './collectiveEvidence.js';
import { ALL_CONSTANTS, type MachineConstant, valueIn } from './constants.js';
import { type Calibration, calibrateTo, type Evidence } from './evidence.js';
import { kernelEvidence, kernelRows, type UnusedRow } from './kernelEvidence.js';
import { type Constants, systemWith } from './machine.js';
import { readNcclTests } from './ncclTests.js';
import { stepEvidence } from './stepEvidence.js';

export interface CalibrateRequest {
  /** Preset or file that describes the machine, with its peaks and links; its constants are where fits start. */
  readonly machine: string;
  /** Preset or file of the framework that steps ran in. */
  readonly software?: string | undefined;
  /** Tables of kernels (docs/kernels.md): products, attention, caches, quantisation. */
  readonly kernels?: readonly string[];
  /** Of which GPU the tables' rows are taken. */
  readonly gpu?: string | undefined;
  /** Outputs of nccl-tests as printed. */
  readonly collectives?: readonly string[];
  /** Step times (test/data/measured/README.md). */
  readonly steps?: readonly string[];
  /** Fits to resampled rows. */
  readonly resamples: number;
  readonly seed: number;
  readonly onProgress?: (evidence: string, done: number, all: number) => void;
}

/** A constant that no row decided. */
export interface AssumedConstant {
  readonly name: string;
  readonly value: number;
}

export interface CalibrationResult {
  readonly machine: string;
  readonly software: string | undefined;
  readonly resamples: number;
  readonly seed: number;
  readonly calibrations: readonly Calibration[];
  readonly assumed: readonly AssumedConstant[];
  /** Rows that decide nothing, by reason. */
  readonly unused: readonly { readonly reason: string; readonly rows: number }[];
  /** The machine, with the framework and the constants. */
  readonly system: System;
}

/** The machine, with what the framework decides. */
function loadMachine({ machine, software }: CalibrateRequest): System {
  const system = loadSystem(machine, { file: `--machine ${machine}` });
  return withSoftware(
    system,
    software === undefined ? undefined : loadSoftware(software, { file: `--software ${software}` }),
  );
}

function assumedOf(system: System, calibrations: readonly Calibration[]): AssumedConstant[] {
  const decided = new Set(calibrations.flatMap(({ constants }) => constants.map(({ name }) => name)));
  return ALL_CONSTANTS.flatMap((one: MachineConstant) => {
    const value = valueIn(system, one);
    return value === undefined || decided.has(one.name) ? [] : [{ name: one.name, value }];
  });
}

function counted(unused: readonly UnusedRow[]): { reason: string; rows: number }[] {
  const texts = unused.map(({ file, reason }) => `${basename(file)}: ${reason}`);
  return occurrences(texts).map(([reason, rows]) => ({ reason, rows }));
}

/** Kernels first, then collectives, then whole steps: each rests on those before. */
function* evidenceOf(
  request: CalibrateRequest,
  system: System,
  known: Constants,
  unused: UnusedRow[],
): Generator<Evidence> {
  const { machine, software, kernels = [], gpu, collectives = [], steps = [] } = request;
  const tables = kernelRows(kernels, gpu);
  unused.push(...tables.unused);
  yield* kernelEvidence(tables.rows, system, known, unused);
  yield* collectiveEvidence(collectives.map(readNcclTests), machine, system, known, unused);
  for (const file of steps) yield stepEvidence({ file, machine, software }, system, known);
}

/**
 * Fits the constants of a machine to what was measured on it: those of single kernels to single kernels, those of its network to
 * single collectives, and the clock under load, the memory's share and the host to whole steps. Each has an interval from fits to
 * resampled rows, and each kind of rows the error of rows that were left out of the fit.
 *
 * @throws CosmicError as the files have faults; ARGUMENT where no rows are given, or too few to decide anything
 * @example
 * calibrate({ machine: 'h100-sxm', kernels: ['gemm.csv'], resamples: 40, seed: 1 }).calibrations[0].constants;
 */
export function calibrate(request: CalibrateRequest): CalibrationResult {
  const system = loadMachine(request);
  const known: Constants = new Map();
  const unused: UnusedRow[] = [];
  const calibrations: Calibration[] = [];
  for (const evidence of evidenceOf(request, system, known, unused)) {
    let done = 0;
    const onResample = () => request.onProgress?.(evidence.name, ++done, request.resamples);
    const calibration = calibrateTo(evidence, { resamples: request.resamples, seed: request.seed, onResample });
    for (const { name, value } of calibration.constants) known.set(name, value);
    calibrations.push(calibration);
  }
  if (known.size === 0) {
    throw new CosmicError('ARGUMENT', 'there are too few rows to decide any constant', {
      remedy: 'give at least 4 rows by --products, --collectives or --steps',
    });
  }
  return {
    machine: system.name,
    software: request.software,
    resamples: request.resamples,
    seed: request.seed,
    calibrations,
    assumed: assumedOf(system, calibrations),
    unused: counted(unused),
    system: systemWith(system, known),
  };
}
