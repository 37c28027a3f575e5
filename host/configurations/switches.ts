/** What may be switched of a configuration without training another model: each switch with the values that are tried. */
import type { KeptTensor } from '../../kernels/workload/operation.js';
import { divisors } from '../../kernels/workload/routing.js';
import type { ParameterName } from '../../psa/parameters.js';
import { type Facts, stagedLayers } from './facts.js';
import { MODULE_TARGETS, OPERATIONS } from './recomputedModules.js';

/** Parameters that change together, and the values that they may have besides their own. */
export interface Switch {
  readonly name: string;
  readonly values: readonly SwitchValue[];
}

export type SwitchValue = { readonly [Name in ParameterName]?: number | string };

const MOST_TENSOR = 16;
const MOST_CONTEXT = 16;
const MOST_MICRO_BATCH = 16;
const MOST_CHUNKS = 12;

function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(Math.max(most, 1))) + 1 }, (_, i) => 2 ** i);
}

function of(parameter: ParameterName, values: readonly (number | string)[]): SwitchValue[] {
  return values.map((value) => ({ [parameter]: value }));
}

function chunkValues({ model }: Facts): SwitchValue[] {
  const some = Array.from({ length: MOST_CHUNKS - 1 }, (_, i) => i + 2).filter((chunks) => chunks <= model.layers / 2);
  return [
    { 'workload.pipelineSchedule': '1f1b', 'workload.virtualStages': 1 },
    ...some.map((chunks) => ({ 'workload.pipelineSchedule': 'interleaved', 'workload.virtualStages': chunks })),
  ];
}

/** Degrees that divide the layers, and powers of two, over which some frameworks lay any number of layers. */
function pipelineValues(facts: Facts): SwitchValue[] {
  const most = Math.min(facts.npus, facts.model.layers);
  const degrees = new Set([...divisors(stagedLayers(facts), facts.npus), ...powersOfTwo(most)]);
  return of(
    'workload.pp',
    [...degrees].sort((a, b) => a - b),
  );
}

function mixtureSwitches({ model, npus, number }: Facts): Switch[] {
  if (model.experts === 1) return [];
  const ranks = divisors(model.experts, Math.min(npus, model.experts)).filter((n) => (n & (n - 1)) === 0);
  const apart = number('workload.etp') > 0;
  return [
    { name: 'expert parallel', values: of('workload.ep', ranks) },
    { name: 'dispatch of tokens', values: of('workload.expertDispatch', ['allToAll', 'byNode']) },
    ...(apart ? [{ name: 'expert tensor parallel', values: of('workload.etp', powersOfTwo(MOST_TENSOR)) }] : []),
  ];
}

/** How much is recomputed; modules that were recomputed by themselves are not, then. Frameworks mean attention by selective, or operations. */
function recomputations(facts: Facts): SwitchValue[] {
  const on = MODULE_TARGETS.filter((target) => facts.value(target) === 'on');
  const off: SwitchValue = Object.fromEntries(on.map((target) => [target, 'off']));
  const whole = of('workload.recomputation', ['none', 'selective', 'full']).map((value) => ({ ...value, ...off }));
  return [...whole, { 'workload.recomputation': 'selective', ...off, [OPERATIONS]: 'on' }];
}

/** Tensors that layers which run again keep all the same, in the order in which policies of MaxText add them (host/designs/rematPolicies.ts). */
const KEPT = [
  'keepQkv',
  'keepProjection',
  'keepMlpProducts',
  'keepAttentionOutput',
] as const satisfies readonly KeptTensor[];

/** More and more of them; of a job that lacks memory fewer. */
function keptTensors({ text }: Facts, lacksMemory: boolean): Switch[] {
  if (text('workload.recomputation') !== 'full') return [];
  const own = KEPT.filter((name) => text(`workload.${name}`) === 'device').length;
  const counts = Array.from({ length: lacksMemory ? own : KEPT.length + 1 }, (_, count) => count);
  const kept = (count: number): SwitchValue =>
    Object.fromEntries(KEPT.map((name, i) => [`workload.${name}`, i < count ? 'device' : 'off']));
  return [{ name: 'kept tensors', values: counts.map(kept) }];
}

/** What takes less memory and is no faster: nothing that a job switches which fits. */
const MEMORY_SWITCHES: readonly Switch[] = [
  { name: 'loss', values: of('workload.loss', ['fused', 'inPlace']) },
  { name: 'optimizer on the host', values: of('workload.optimizerOffload', [1]) },
];

/**
 * The switches of a job. Number formats, the batch and the model are none: they change what is trained.
 *
 * @param isSettable is a parameter one that the framework has a setting for?
 */
export function switchesOf(facts: Facts, isSettable: (name: string) => boolean, lacksMemory: boolean): Switch[] {
  const { model, npus } = facts;
  const batch = facts.number('workload.batch') || model.batch;
  const onOff = ['off', 'on'];
  const all: Switch[] = [
    { name: 'tensor parallel', values: of('workload.tp', powersOfTwo(Math.min(MOST_TENSOR, npus, model.heads))) },
    { name: 'pipeline parallel', values: pipelineValues(facts) },
    { name: 'context parallel', values: of('workload.sp', powersOfTwo(Math.min(MOST_CONTEXT, npus))) },
    ...mixtureSwitches(facts),
    { name: 'micro-batch', values: of('workload.microBatch', powersOfTwo(Math.min(MOST_MICRO_BATCH, batch))) },
    { name: 'model chunks', values: chunkValues(facts) },
    { name: 'recomputation', values: recomputations(facts) },
    ...keptTensors(facts, lacksMemory),
    { name: 'sharding', values: of('workload.weightSharding', ['none', 'zero1', 'zero2', 'zero3']) },
    { name: 'sequence parallelism', values: of('workload.sequenceParallel', onOff) },
    { name: 'gradient overlap', values: of('workload.gradientOverlap', onOff) },
    { name: 'tensor overlap', values: of('workload.tensorOverlap', onOff) },
    { name: 'attention', values: of('workload.attention', ['fused']) },
    { name: 'context exchange', values: of('workload.contextExchange', ['ring', 'allToAll', 'allGather']) },
    { name: 'gathered weights', values: of('workload.reshardAfter', ['forward', 'backward']) },
    ...(lacksMemory ? MEMORY_SWITCHES : []),
  ];
  const own = (value: SwitchValue) =>
    Object.entries(value).every(([name, scalar]) => facts.value(name as ParameterName) === scalar);
  return all
    .map(({ name, values }) => ({ name, values: values.filter((value) => !own(value)) }))
    .filter(({ values }) => values.length > 0 && Object.keys(values[0]!).every(isSettable));
}
