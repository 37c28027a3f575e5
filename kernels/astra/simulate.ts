/** The simulator of the astra-sim profile: what ASTRA-sim and STG make of a design, as a row of outputs and a status. */
import type { Workload } from '../../psa/space.js';
import { clearGraphs } from '../combine.js';
import { costUsd, readPrices } from '../cost/cost.js';
import { bandwidthPerNpuGBps, readNetwork } from '../network/network.js';
import { OUTPUT, STATUS } from '../outputs.js';
import { addGraph, finishOutputs, npusStatus, type Simulator } from '../simulate.js';
import { createStates, type State } from '../state.js';
import { readDegrees } from '../workload/graph.js';
import type { System } from './collective/message.js';
import { isKnown, SystemReader, stgWorkload } from './design.js';
import { GROUP } from './graph/rows.js';
import { type Plan, Plans } from './plans.js';
import { type StepTimes, stepTimesOf } from './schedule/stage.js';

/** Sets the parts of the step to those of the stage that ends last. */
function addTimes(parts: Float64Array, { last, computeNs }: StepTimes): void {
  const us = (ns: number) => ns * 1e-3;
  parts[OUTPUT.timeUs] = us(last.finishNs);
  parts[OUTPUT.busyUs] = us(computeNs);
  parts[OUTPUT.computeUs] = us(last.computeNs - last.updateNs);
  parts[OUTPUT.optimizerUs] = us(last.updateNs);
  parts[OUTPUT.bubbleUs] = us(last.idleNs);
  parts[OUTPUT.exposedTpUs] = us(last.exposedNs[GROUP.tp]!);
  parts[OUTPUT.exposedSpUs] = us(last.exposedNs[GROUP.cp]!);
  parts[OUTPUT.exposedDpUs] = us(last.exposedNs[GROUP.dp]!);
  parts[OUTPUT.exposedPpUs] = us(last.exposedNs[GROUP.pp]!);
}

/** Who knows of the steps of designs. */
interface Steps {
  /** A plan's step on a system, of a graph of the design: does the program end it? @param timed will it be added? */
  ends(plan: Plan, system: System, graph: number, timed: boolean): boolean;
  /** Adds the times of the step to `parts`. */
  add(plan: Plan, parts: Float64Array, graph: number): void;
}

/** Runs designs of one space, one after another. */
class Designs {
  private readonly states: readonly State[];
  private readonly systems = new SystemReader();
  private readonly plans = new Plans();
  /** Of each graph; undefined where the program ends no step. */
  private readonly planned: (Plan | undefined)[] = [];

  constructor(
    workload: Workload,
    tiers: readonly number[],
    private readonly steps: Steps,
  ) {
    this.states = createStates(workload, tiers);
  }

  /** As {@link Simulator}; nothing is shared but plans. */
  simulate(design: Float64Array, outputs: Float64Array, row: number, skip: number): number {
    const status = this.status(design, outputs, row, skip);
    if ((status & skip) === 0) this.step(outputs, row);
    return status;
  }

  /**
   * The status of a design; of the outputs those of its network. The program's ranks fit onto any dimensions.
   *
   * @param skip statuses with one of which its steps are not asked for
   */
  status(design: Float64Array, outputs: Float64Array, row: number, skip = 0): number {
    const network = this.take(design);
    readPrices(network);
    let status = npusStatus(network);
    for (const s of this.states) {
      this.planned[s.graph] = this.plan(s, status, skip);
      status |= s.status;
    }
    network.status = status;
    outputs[row + OUTPUT.bandwidthGBps] = bandwidthPerNpuGBps(network);
    outputs[row + OUTPUT.costUsd] = costUsd(network);
    return network.status;
  }

  /** Writes what the steps of a design come to, whose status was read before. @param planned of each graph */
  write(design: Float64Array, planned: readonly (Plan | undefined)[], outputs: Float64Array, row: number): void {
    this.take(design);
    for (const { graph } of this.states) this.planned[graph] = planned[graph];
    this.step(outputs, row);
  }

  /** Makes a design the one at hand, and reads its network, which is the result's. */
  private take(design: Float64Array): State {
    const network = this.states[0]!;
    for (const s of this.states) s.design = design;
    readNetwork(network);
    return network;
  }

  /** Writes what the steps of all graphs come to. */
  private step(outputs: Float64Array, row: number): void {
    clearGraphs(outputs, row);
    for (const s of this.states) {
      const { parts } = s;
      const plan = this.planned[s.graph];
      if (plan === undefined) parts.fill(0);
      else {
        parts.set(plan.memory);
        this.steps.add(plan, parts, s.graph);
      }
      addGraph(s, outputs, row);
    }
    finishOutputs(this.states[0]!, outputs, row);
  }

  /** Reads a graph, and its plan with the times of the design's network; STATUS.ASTRASIM where the program ends no step. */
  private plan(s: State, before: number, skip: number): Plan | undefined {
    s.status = 0;
    readDegrees(s);
    const workload = stgWorkload(s);
    // The generator asserts a layer for each stage.
    if (isKnown(s, workload) && workload.pp <= workload.layers) {
      const plan = this.plans.of(s.graph, workload);
      const timed = ((before | s.status) & skip) === 0;
      if (this.steps.ends(plan, this.systems.read(s), s.graph, timed)) return plan;
    }
    s.status |= STATUS.ASTRASIM;
    return undefined;
  }
}

function endsOnCpu({ times }: Plan, system: System, _: number, timed: boolean): boolean {
  return (timed ? times.read(system) : times.stopOf(system)) === undefined;
}

/** The simulator of a workload; see `createSimulator` of the default profile. */
export function createSimulator(workload: Workload, tiers: readonly number[]): Simulator {
  const designs = new Designs(workload, tiers, {
    ends: endsOnCpu,
    add: (plan, parts) => addTimes(parts, stepTimesOf(plan.run())),
  });
  return (design, outputs, row, _, skip = 0) => designs.simulate(design, outputs, row, skip);
}

/**
 * As {@link createSimulator}, but the time is a lower bound of the design's, a hundred times as fast, and has no parts; all
 * else, the status too, is exact.
 */
export function createBounder(workload: Workload, tiers: readonly number[]): Simulator {
  const designs = new Designs(workload, tiers, {
    ends: endsOnCpu,
    add(plan, parts) {
      parts[OUTPUT.timeUs] = plan.boundNs() * 1e-3;
    },
  });
  return (design, outputs, row, _, skip = 0) => designs.simulate(design, outputs, row, skip);
}

/** A step that something else runs. */
export interface StepJob {
  readonly plan: Plan;
  readonly system: System;
  /** The graph of the design whose step it is. */
  readonly graph: number;
}

/** A design whose steps something else runs. */
export interface ReadDesign {
  readonly design: Float64Array;
  /** But for steps that the program does not end. */
  readonly status: number;
  /** Its steps among all jobs. */
  readonly first: number;
  readonly end: number;
}

/** Steps, and what they come to; undefined where the program does not end one. */
export interface RunSteps {
  readonly jobs: readonly StepJob[];
  readonly times: readonly (StepTimes | undefined)[];
}

/** Simulates designs whose steps something else runs. */
export interface StepSimulator {
  /** Adds the steps of a design to the jobs, those of its graphs one after another; of the outputs it writes those of the network. */
  read(design: Float64Array, jobs: StepJob[], outputs: Float64Array, row: number): ReadDesign;
  /** Writes the other outputs, unless a status of `skip` is; returns the status. */
  write(read: ReadDesign, steps: RunSteps, outputs: Float64Array, row: number, skip: number): number;
}

/** As {@link createSimulator}, in two goes: what steps there are, and what they come to. */
export function createStepSimulator(workload: Workload, tiers: readonly number[]): StepSimulator {
  let found: StepJob[] = [];
  const timesOfGraphs: (StepTimes | undefined)[] = [];
  const planned: (Plan | undefined)[] = [];
  const designs = new Designs(workload, tiers, {
    ends: (plan, system, graph) => found.push({ plan, system, graph }) > 0,
    add: (_, parts, graph) => addTimes(parts, timesOfGraphs[graph]!),
  });
  return {
    read(design, jobs, outputs, row) {
      found = jobs;
      const first = jobs.length;
      const status = designs.status(design, outputs, row);
      return { design, status, first, end: jobs.length };
    },
    write({ design, status: read, first, end }, { jobs, times }, outputs, row, skip) {
      let status = read;
      planned.fill(undefined);
      for (let i = first; i < end; i++) {
        const { plan, graph } = jobs[i]!;
        timesOfGraphs[graph] = times[i];
        planned[graph] = times[i] && plan;
        if (times[i] === undefined) status |= STATUS.ASTRASIM;
      }
      if ((status & skip) === 0) designs.write(design, planned, outputs, row);
      return status;
    },
  };
}
