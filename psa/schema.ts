import { z } from 'zod';
import { MAX_DIMENSIONS, PARAMETERS, type ParameterDefinition, type Stack } from './parameters.js';
import { type ParameterSpec, scalarSchema, specSchema } from './specs.js';

export const STACKS: readonly Stack[] = ['workload', 'collective', 'network', 'compute'];

/** The price tiers of LIBRA (arXiv 2109.11762), in the order of their numbers in CompiledSpace.tiers. */
export const TIERS = ['chiplet', 'package', 'node', 'pod'] as const;

function parametersOf(stack: Stack): ParameterDefinition[] {
  return PARAMETERS.filter((parameter) => parameter.stack === stack);
}

/** A parameter's name within its stack. */
export function shortName(parameter: ParameterDefinition): string {
  return parameter.name.slice(parameter.stack.length + 1);
}

function describe(parameter: ParameterDefinition): string {
  return parameter.unit === '' ? parameter.description : `${parameter.description}; ${parameter.unit}`;
}

type StackSpecs = Record<string, ParameterSpec | undefined>;

function stackSchema(stack: Stack): z.ZodType<StackSpecs> {
  const shape = parametersOf(stack).map((parameter) => [
    shortName(parameter),
    specSchema(parameter).optional().describe(describe(parameter)),
  ]);
  return z.strictObject(Object.fromEntries(shape)) as z.ZodType<StackSpecs>;
}

const publishedSchema = z.strictObject({
  count: z.string().regex(/^\d+$/).describe('the number of designs that the paper states'),
  ignores: z.array(z.string()).default([]).describe('parameters that the paper does not count'),
  relaxes: z.array(z.string()).default([]).describe('constraints that the paper does not apply'),
});

/** Network dimensions. */
export const dimensionsSchema = z.int().min(1).max(MAX_DIMENSIONS);

/** A PsA file. */
export const psaSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1),
  description: z.string().optional(),
  system: z.string().min(1).describe('target system: a preset, or a YAML file relative to this one'),
  model: z.string().min(1).describe('workload: a preset, or a YAML file relative to this one'),
  dimensions: dimensionsSchema.optional().describe("network dimensions; the system's if left out"),
  workload: stackSchema('workload').optional(),
  collective: stackSchema('collective').optional(),
  network: stackSchema('network').optional(),
  compute: stackSchema('compute').optional(),
  constraints: z
    .array(z.string().min(1))
    .optional()
    .describe('arithmetic over parameters, such as `workload.dp * workload.tp <= 64`'),
  objective: z.string().min(1).optional().describe('what is minimised, such as time or time*cost'),
  published: publishedSchema.optional().describe('how a paper counts this space'),
});
export type PsaFile = z.output<typeof psaSchema>;

function defaultsSchema(stack: Stack, required: readonly string[]): z.ZodType<SystemDefaults> {
  const shape = parametersOf(stack).map((parameter) => {
    const scalar = scalarSchema(parameter);
    const value = parameter.perDimension ? z.union([scalar, z.array(scalar).min(1).max(MAX_DIMENSIONS)]) : scalar;
    return [shortName(parameter), required.includes(shortName(parameter)) ? value : value.optional()];
  });
  return z.strictObject(Object.fromEntries(shape)) as z.ZodType<SystemDefaults>;
}

type Fixed = number | string | boolean;
export type SystemDefaults = Record<string, Fixed | readonly Fixed[] | undefined>;

function networkDimensionSchema(): z.ZodType<Record<string, Fixed | undefined>> {
  const optional = ['npus', 'efficiency'];
  const shape = parametersOf('network')
    .filter((parameter) => parameter.perDimension)
    .map((parameter) => {
      const scalar = scalarSchema(parameter);
      return [shortName(parameter), optional.includes(shortName(parameter)) ? scalar.optional() : scalar];
    });
  return z.strictObject(Object.fromEntries(shape)) as z.ZodType<Record<string, Fixed | undefined>>;
}

/** NPUs of a system. */
export const npusSchema = z
  .int()
  .min(1)
  .max(2 ** 20);

/** A system file. Of dp, tp, sp, pp and the dimensions' npus one each may be left out: it follows from the others. */
export const systemSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  npus: npusSchema,
  tiers: z.array(z.enum(TIERS)).min(1).max(MAX_DIMENSIONS).optional(),
  dimensions: z.array(networkDimensionSchema()).min(1).max(MAX_DIMENSIONS),
  endpointDelayNs: z.number().min(0).max(1e9).optional(),
  collectiveOverheadUs: z.number().min(0).max(1e6).optional(),
  shardingEfficiency: z.number().min(0.001).max(1).optional(),
  compute: defaultsSchema('compute', ['peakTflops', 'memoryBandwidthGBps', 'memoryCapacityGB']),
  collective: defaultsSchema('collective', []).optional(),
  workload: defaultsSchema('workload', []).optional(),
});
export type SystemFile = z.output<typeof systemSchema>;

const size = z
  .int()
  .min(1)
  .max(2 ** 31);
const phaseFields = {
  phase: z.enum(['training', 'prefill', 'decode']).optional(),
  weight: z.number().positive().optional(),
  layers: size.optional(),
  hidden: size.optional(),
  ffn: size.optional(),
  heads: size.optional(),
  kvHeads: size.optional(),
  headDim: z.number().positive().optional(),
  seq: size.optional(),
  context: size.optional(),
  causal: z.boolean().optional(),
  vocab: z.int().min(0).optional(),
  patch: z.int().min(0).optional(),
  classes: z.int().min(0).optional(),
  mlp: z.enum(['gelu', 'swiglu']).optional(),
  experts: size.optional(),
  expertsPerToken: size.optional(),
  batch: size.optional(),
};
export const phaseSchema = z.strictObject(phaseFields);
export type PhaseFile = z.output<typeof phaseSchema>;

/** A model file: one transformer in one phase or several, or an ensemble of models. */
export const modelSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  ...phaseFields,
  phases: z.array(phaseSchema).min(1).optional(),
  ensemble: z
    .array(z.strictObject({ model: z.string().min(1), weight: z.number().positive().optional() }))
    .min(1)
    .optional(),
});
export type ModelFile = z.output<typeof modelSchema>;

/** The JSON Schema (draft 2020-12) of PsA files, with which editors complete and check them; psa.schema.json. */
export function psaJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(psaSchema, { io: 'input', reused: 'ref' });
  return { ...schema, title: 'cosmic PsA: a design space of a distributed training system' };
}
