/** What is written of a design reads back as that design; each framework has a file of tests, so that all cores have some. */
import { expect, it } from 'vitest';
import { exportConfiguration } from '../host/configurations/exportConfiguration.js';
import type { Framework } from '../host/configurations/framework.js';
import { JobBases } from '../host/configurations/jobBases.js';
import { KEPT_TARGETS } from '../host/configurations/keptTensors.js';
import { violations } from '../host/configurations/legality.js';
import { HOST_MODULES } from '../host/configurations/offloadedModules.js';
import { compiledConfiguration, readConfiguration } from '../host/configurations/readConfiguration.js';
import { MODULE_TARGETS, OPERATIONS } from '../host/configurations/recomputedModules.js';
import { designEvaluator } from '../host/designs/designs.js';
import { OUTPUTS, STATUS } from '../kernels/outputs.js';
import { KEPT_TENSORS, type OffloadedModule } from '../kernels/workload/operation.js';
import { compileDesign, defaultOf } from '../psa/defaults.js';
import { CosmicError } from '../psa/errors.js';
import { type Model, modelSources, readModel } from '../psa/model.js';
import { describeDesign } from '../psa/ordinals.js';
import { loadSoftware, withSoftware } from '../psa/software.js';
import type { CompiledSpace, ModelPhase } from '../psa/space.js';
import { loadSystem } from '../psa/system.js';
import { randomNumbers } from './randomSpaces.js';

const DESIGNS = Number(process.env.COSMIC_ROUND_TRIPS ?? 200);
const SYSTEM = 'h100-sxm';

/** Tries for each design that can be expressed. */
const TRIES = 100;

const MIXTURES = [
  'mixtral-8x7b',
  'mixtral-8x22b',
  'qwen3-30b-a3b',
  'qwen3-235b-a22b',
  'deepseek-v3',
  'qwen3-next-80b-a3b',
];
const MODELS = [
  ...['llama3-8b', 'llama3-70b', 'llama3-405b', 'llama3.2-1b', 'mistral-7b', 'llama2-13b', 'nemotron4-15b'],
  ...MIXTURES,
];

/** Modules whose activations lie on the host. */
const ON_HOST = (...modules: OffloadedModule[]) =>
  Object.fromEntries(modules.map((module) => [`workload.${module}`, 'on']));

const NO_MODULES_DRAWN = Object.fromEntries(
  [...MODULE_TARGETS, ...HOST_MODULES.targets].map((target) => [target, ['off']]),
);

/** What is drawn from of a framework that can say less: fewer tries, the same designs. */
const DRAWN: Readonly<Record<string, Readonly<Record<string, readonly (string | number)[]>>>> = {
  torchtitan: {
    model: ['llama3-8b', 'llama3-70b', 'llama3-405b', 'qwen3-30b-a3b', 'qwen3-235b-a22b', 'deepseek-v3', 'gpt-oss-20b'],
    'model.mtpLayers': [0],
    'workload.pipelineSchedule': ['1f1b', 'interleaved', 'gpipe', 'zbV'],
    'workload.virtualStages': [1, 2],
    'workload.recomputationBlock': [1],
    'workload.recomputedLayers': ['all'],
    ...NO_MODULES_DRAWN,
    [OPERATIONS]: ['off', 'on'],
    'workload.optimizerOffload': [0, 0, 1],
    'workload.offloadedLayers': ['none'],
    'workload.weightSharding': ['zero3', 'zero3', 'none'],
    'workload.sequenceParallel': ['on'],
    'workload.attention': ['fused'],
    'workload.contextExchange': ['allGather', 'ring'],
    'workload.precision': ['bf16', 'fp8', 'mxfp8'],
    'workload.masterWeightBytes': [0, 4, 4],
    'workload.momentBytes': [2, 4],
    'workload.mainGradientBytes': [2, 4, 4],
    'workload.loss': ['plain', 'inPlace'],
    'workload.axisOrder': ['tp-sp-ep-dp-pp'],
  },
  maxtext: {
    model: ['llama3-8b', 'llama3-70b', 'llama3-405b', 'mixtral-8x7b', 'qwen3-30b-a3b', 'deepseek-v3', 'maxtext-16b'],
    'model.mtpLayers': [0],
    'workload.etp': ['tp'],
    'workload.pipelineSchedule': ['1f1b', 'interleaved', 'gpipe'],
    'workload.recomputation': ['full'],
    'workload.recomputationBlock': [1],
    'workload.recomputedLayers': ['all'],
    ...NO_MODULES_DRAWN,
    'workload.offloadedLayers': ['none'],
    'workload.optimizerOffload': [0, 0, 1],
    'workload.weightSharding': ['zero3', 'zero3', 'zero1', 'none'],
    'workload.contextExchange': ['allGather', 'ring'],
    'workload.precision': ['bf16', 'int8', 'fp8', 'fp8Delayed', 'mxfp8'],
    'workload.masterWeightBytes': [4],
    'workload.momentBytes': [3, 4],
    'workload.mainGradientBytes': [4],
    'workload.axisOrder': ['tp-sp-ep-dp-pp'],
  },
  deepspeed: {
    'workload.ep': [1],
    'workload.etp': ['tp'],
    'workload.pipelineSchedule': ['1f1b'],
    'workload.recomputation': ['none', 'full'],
    'workload.recomputationBlock': [1],
    'workload.recomputedLayers': ['all'],
    ...NO_MODULES_DRAWN,
    'workload.offloadedLayers': ['none'],
    'workload.sequenceParallel': ['off'],
    'workload.attention': ['fused'],
    'workload.contextExchange': ['allToAll'],
    'workload.masterWeightBytes': [4],
    'workload.momentBytes': [4],
    'workload.precision': ['bf16'],
    'workload.axisOrder': ['tp-sp-ep-dp-pp'],
  },
};

/** What is read of presets, once. */
function once<Value>(make: (name: string) => Value): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const value = made.get(name) ?? make(name);
    made.set(name, value);
    return value;
  };
}

const modelOf = once((name): Model => readModel(modelSources(name)));
const machineOf = once((software) => withSoftware(loadSystem(SYSTEM), loadSoftware(software)));

type Random = () => number;

const pick = <Value>(random: Random, values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;

/** A random job: it may be one that no framework has. */
function randomJob(
  random: Random,
  drawn: Readonly<Record<string, readonly (string | number)[]>>,
): { model: string; set: string[] } {
  const one = <Value extends string | number>(...values: readonly Value[]) => pick<string | number>(random, values);
  const pipeline = (pp: number) => (drawn['workload.ep']?.length === 1 ? 1 : pp);
  const number = (...values: readonly number[]) => pick(random, values);
  const [tp, sp, pp, dp] = [
    number(1, 2, 4, 8),
    number(1, 1, 2, 4),
    pipeline(number(1, 1, 2, 4, 5, 8)),
    number(1, 2, 4, 8, 16),
  ];
  const microBatch = number(1, 1, 2, 4);
  const model = String(pick(random, drawn.model ?? MODELS));
  const edges = one(0, 0, 1);
  const mixture = MIXTURES.includes(model);
  const onHost = pick<Record<string, string | number>>(random, [
    {},
    {},
    ON_HOST('offloadAttentionCore', 'offloadProjection', 'offloadExperts'),
    ON_HOST('offloadAttentionNorm', 'offloadQkv', 'offloadMlpNorm', 'offloadExpertActivation'),
  ]);
  const settings: Record<string, string | number> = {
    'system.npus': tp * sp * pp * dp,
    'model.seq': one(2048, 4096, 8192, 16384),
    'workload.tp': tp,
    'workload.sp': sp,
    'workload.pp': pp,
    'workload.dp': dp,
    'workload.ep': mixture ? one(1, 2, 4, 8) : 1,
    'workload.etp': mixture ? one<string | number>('tp', 'tp', 1, 2) : 'tp',
    'workload.expertCapacity': mixture ? one<string | number>('none', 'none', 1, 1.25) : 'none',
    'workload.expertDispatch': mixture ? one('allToAll', 'byNode') : 'allToAll',
    'workload.microBatch': microBatch,
    'workload.batch': dp * microBatch * number(1, 4, 8, 16, 24),
    'workload.pipelineSchedule': one('1f1b', '1f1b', 'interleaved', 'interleaved', 'zbV', 'gpipe'),
    'workload.virtualStages': one(1, 2, 4, 5),
    'workload.recomputation': one('none', 'selective', 'full'),
    ...pick<Record<string, string | number>>(random, [
      { 'workload.recomputationBlock': 1, 'workload.recomputedLayers': 'all' },
      { 'workload.recomputationBlock': 2, 'workload.recomputedLayers': 'all' },
      { 'workload.recomputationBlock': 1, 'workload.recomputedLayers': 3 },
    ]),
    ...Object.fromEntries(MODULE_TARGETS.map((target) => [target, one('off', 'off', 'on')])),
    ...Object.fromEntries(KEPT_TARGETS.map((target) => [target, one('off', 'off', 'off', 'off', 'off', 'host')])),
    'workload.optimizerOffload': one(0, 0, 0.5, 1),
    ...onHost,
    'workload.offloadedLayers':
      pp === 1 && Object.keys(onHost).length === 0 ? one<string | number>('none', 'none', 2) : 'none',
    'workload.firstStageLayers': one<string | number>('even', 'even', 'even', 4, 6),
    'workload.lastStageLayers': one<string | number>('even', 'even', 'even', 2, 5),
    'workload.embeddingLayers': edges,
    'workload.headLayers': edges,
    'workload.weightSharding': one('none', 'zero1', 'zero2', 'zero3'),
    'workload.shardGroup': dp > 2 ? one<string | number>('all', 'all', (sp * dp) / 2) : 'all',
    'workload.sequenceParallel': one('off', 'on'),
    'workload.gradientOverlap': one('off', 'on'),
    // Without tensor parallelism it stays what the software has.
    ...(tp > 1 ? { 'workload.tensorOverlap': one('off', 'on') } : {}),
    'workload.attention': one('fused', 'fused', 'unfused'),
    'workload.contextExchange': one('allGather', 'allToAll', 'ring', 'twoLevel'),
    'workload.contextInner': one(1, 2),
    'workload.gradientAccumulation': one('fused', 'fused', 'unfused'),
    'workload.gradientBytes': one(2, 4),
    'workload.mainGradientBytes': one(2, 4),
    'workload.masterWeightBytes': one(2, 4),
    'workload.momentBytes': one(2, 4),
    'workload.precision': one('bf16', 'bf16', 'fp8', 'fp8Delayed', 'fp8Block'),
    'workload.weightCopies': one(0, 0, 2),
    'workload.reductionBufferGB': one(1, 1, 0.2),
    'workload.axisOrder': one('tp-sp-ep-dp-pp', 'tp-sp-ep-pp-dp'),
    'workload.reshardAfter': one('forward', 'backward'),
  };
  for (const [name, values] of Object.entries(drawn)) if (name !== 'model') settings[name] = pick(random, values);
  return { model, set: Object.entries(settings).map(([name, value]) => `${name}=${value}`) };
}

/** Names of what has no effect in a design, so that no configuration need say it. */
function idle(value: (name: string) => number | string, { kvRank, experts, sharedFfn }: ModelPhase): Set<string> {
  const names: string[] = [];
  const add = (...some: string[]) => names.push(...some.map((name) => `workload.${name}`));
  if (value('workload.tp') === 1) add('sequenceParallel');
  if (value('workload.tp') === 1) add('tensorOverlap');
  if (value('workload.pp') === 1) {
    add('pipelineSchedule', 'embeddingLayers', 'headLayers', 'firstStageLayers', 'lastStageLayers');
  }
  if (value('workload.firstStageLayers') !== 'even' || value('workload.lastStageLayers') !== 'even') {
    add('embeddingLayers', 'headLayers');
  }
  const interleaved = value('workload.pipelineSchedule') === 'interleaved' && value('workload.virtualStages') !== 1;
  if (value('workload.pp') === 1 || !interleaved) add('virtualStages', 'interleaveGroup', 'pipelineOverlap');
  if (value('workload.virtualStages') === 1) add('pipelineSchedule');
  if (value('workload.sp') === 1) add('contextExchange', 'contextInner');
  if (value('workload.contextExchange') !== 'twoLevel') add('contextInner');
  if (value('workload.precision') === 'bf16') add('weightCopies');
  if (kvRank === 0) add('recomputeUpProjections');
  if (experts === 1) {
    add(
      'recomputeExperts',
      'recomputeExpertProducts',
      'recomputeExpertActivation',
      'offloadExperts',
      'offloadExpertActivation',
    );
  }
  if (sharedFfn === 0) add('recomputeSharedExperts');
  if (value('workload.recomputation') !== 'full') add('recomputationBlock', 'recomputedLayers', ...KEPT_TENSORS);
  else names.push(...MODULE_TARGETS);
  if (value('workload.weightSharding') !== 'zero3') add('reshardAfter');
  if (value('workload.weightSharding') === 'none') add('shardGroup');
  // Which of the axes that are used comes first is all that an order says.
  add('axisOrder');
  return new Set(names);
}

/** What a framework does not say of a job has the software's value. */
function unsaid({ rows }: Framework): (assignment: string) => boolean {
  const said = new Set<string>(rows.flatMap(({ targets }) => targets));
  return (assignment) => {
    const [name] = assignment.split('=') as [string];
    return name.startsWith('workload.') && name !== 'workload.dp' && !said.has(name);
  };
}

function exported(framework: Framework, random: Random) {
  const job = randomJob(random, DRAWN[framework.name] ?? {});
  const isUnsaid = unsaid(framework);
  const set = job.set.filter((assignment) => !isUnsaid(assignment));
  try {
    const space = compileDesign(defaultOf(machineOf(framework.software), modelOf(job.model), set));
    // Before the simulation, which takes ten times as long: most jobs are no framework's.
    const { text } = exportConfiguration(framework, space, space.fixed);
    const { status, outputs } = designEvaluator(space)(space.fixed);
    if ((status & ~(STATUS.MEMORY | STATUS.PRICE)) !== 0) return undefined;
    const seq = set.find((assignment) => assignment.startsWith('model.seq='))!;
    return { space, outputs, model: job.model, seq, set: [job.model, ...set], text };
  } catch (error) {
    // No such job, or the framework cannot say it.
    if (error instanceof CosmicError) return undefined;
    throw error;
  }
}

function valuesOf(space: CompiledSpace): ReadonlyMap<string, number | string> {
  return new Map(
    describeDesign(space, space.fixed)
      .filter(({ dimension }) => dimension === undefined || dimension === 0)
      .map(({ parameter, value }) => [parameter, value]),
  );
}

/** Tests that random designs of a framework are read back as they were written. */
export function testRoundTrip(framework: Framework): void {
  it(`${framework.title}: ${DESIGNS} random designs read back as themselves`, { timeout: 600_000 }, () => {
    const random = randomNumbers(2505);
    const bases = new JobBases();
    let found = 0;
    let legal = 0;
    const wrong: unknown[] = [];
    for (let i = 0; i < TRIES * DESIGNS && found < DESIGNS; i++) {
      const one = exported(framework, random);
      if (one === undefined) continue;
      found++;
      const file = framework.parse(one.text, 'exported', new Map());
      const beside = framework.modelRows.length === 0 ? { model: one.model, set: [one.seq] } : {};
      const configuration = readConfiguration(framework, file, { system: SYSTEM, ...beside }, bases);
      const back = compiledConfiguration(configuration)!;
      if (violations(configuration).length === 0) legal++;
      const [before, after] = [valuesOf(one.space), valuesOf(back)];
      const ignored = idle((name) => before.get(name)!, one.space.workload.phases[0]!);
      const differing = [...before].filter(([name, value]) => !ignored.has(name) && after.get(name) !== value);
      const { outputs } = designEvaluator(back)(back.fixed);
      const apart = OUTPUTS.filter(
        (__, k) => Math.abs(one.outputs[k]! - outputs[k]!) > 1e-9 * Math.abs(one.outputs[k]!),
      );
      const silent = configuration.notUnderstood.length === 0;
      if (differing.length > 0 || apart.length > 0 || !silent) {
        wrong.push({ set: one.set.join(' '), differing, apart: apart.map(({ name }) => name), text: one.text });
      }
    }
    expect(wrong.slice(0, 2)).toEqual([]);
    expect(found).toBe(DESIGNS);
    expect(legal).toBeGreaterThan(DESIGNS / 4);
  });
}
