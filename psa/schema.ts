import { z } from 'zod';
import { MODEL_FIELDS, type ModelFieldName } from './modelFields.js';
import { once } from './once.js';
import type { network } from './parameters/network.js';
import {
  ALIASES,
  FACT_STACKS,
  type FactStack,
  findParameter,
  MAX_DIMENSIONS,
  PARAMETERS,
  type ParameterDefinition,
  type Stack,
} from './parameters.js';
import type { FactSources } from './space.js';
import { type ParameterSpec, type Scalar, scalarSchema, specSchema } from './specs.js';

/** A line of text that shows: names stand in tables, and control characters command a terminal. */
const lineSchema = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'use letters, digits and signs on one line');

const nameSchema = once(() => lineSchema(200));

const descriptionSchema = once(() =>
  z
    .string()
    .max(10_000)
    .regex(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u, 'use text without control characters')
    .optional(),
);

/** A preset, or a path. */
const fileSchema = once(() => lineSchema(4096));

/** Arithmetic over parameters; of a length that no recursion minds. */
export const constraintSchema = once(() => z.string().min(1).max(2000));

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

/** Names of a stack's parameters, aliases too, and what each stands for. */
function namesOf(stack: Stack): [string, ParameterDefinition][] {
  const beginning = `${stack}.`;
  const aliases = [...ALIASES.keys()].filter((alias) => alias.startsWith(beginning));
  return [
    ...parametersOf(stack).map((parameter): [string, ParameterDefinition] => [shortName(parameter), parameter]),
    ...aliases.map((alias): [string, ParameterDefinition] => [alias.slice(beginning.length), findParameter(alias)!]),
  ];
}

/** What a file says of the parameters of a stack, by their own names. */
function byOwnNames<Value>(stack: Stack, shape: Record<string, z.ZodType<Value>>): z.ZodType<Record<string, Value>> {
  const names = new Map(namesOf(stack).map(([name, parameter]) => [name, shortName(parameter)]));
  return z.strictObject(shape).transform((said, context) => {
    const own: Record<string, Value> = {};
    for (const [name, value] of Object.entries(said as Record<string, Value>)) {
      const ownName = names.get(name) ?? name; // a note has no other name
      if (ownName in own) {
        context.addIssue({ code: 'custom', path: [name], message: `leave out ${name} or ${ownName}: they are one` });
      }
      own[ownName] = value;
    }
    return own;
  });
}

type StackSpecs = Record<string, ParameterSpec | undefined>;

function stackSchema(stack: Stack): z.ZodType<StackSpecs> {
  const shape = namesOf(stack).map(([name, parameter]) => [
    name,
    z
      .lazy(() => specSchema(parameter))
      .optional()
      .describe(describe(parameter)),
  ]);
  return byOwnNames(stack, Object.fromEntries(shape));
}

/** Where the facts of a part are from. */
const NOTES = {
  source: once(() => lineSchema(500).optional().describe('where these facts are from, as answers are to say it')),
  date: once(() =>
    z
      .string()
      .regex(/^\d{4}(-\d\d){0,2}$/, 'write it as "2026-11-27", "2026-11" or "2026"')
      .optional()
      .describe('of when they are, as text: "2026-11-27"'),
  ),
};

/** Is it a name that a part of the facts has besides its parameters? */
export function isNote(name: string): boolean {
  return Object.hasOwn(NOTES, name);
}

/** Where a part of the facts is from, as a file says it: `list prices, 2026-11`. */
function sourceOf(facts: object | undefined): string | undefined {
  const { source, date } = (facts ?? {}) as { readonly source?: string; readonly date?: string };
  const notes = [source, date].filter((note) => note !== undefined);
  return notes.length === 0 ? undefined : notes.join(', ');
}

/** The same of all parts that say it. */
export function factSourcesOf(file: Readonly<Partial<Record<FactStack, object | undefined>>>): FactSources {
  const sources = FACT_STACKS.map((stack) => [stack, sourceOf(file[stack])] as const);
  return Object.fromEntries(sources.filter(([, source]) => source !== undefined));
}

/** What a file may say of facts, a part for each kind. */
function factsShape<Value>(schemaOf: (parameter: ParameterDefinition) => z.ZodType<Value>) {
  const partOf = (stack: FactStack) => {
    const parameters = namesOf(stack).map(([name, parameter]) => [
      name,
      schemaOf(parameter).optional().describe(describe(parameter)),
    ]);
    const notes = Object.entries(NOTES).map(([name, schema]) => [name, schema()]);
    const shape = Object.fromEntries([...parameters, ...notes]) as Record<string, z.ZodType<Value>>;
    return byOwnNames(stack, shape).optional();
  };
  const parts = FACT_STACKS.map((stack) => [stack, partOf(stack)]);
  return Object.fromEntries(parts) as Record<FactStack, ReturnType<typeof partOf>>;
}

/** Constraints of a PsA. */
const MOST_CONSTRAINTS = 256;
/** Phases of a model, models of an ensemble, and phases of all of those. */
export const MOST_PHASES = 64;

const publishedSchema = once(() =>
  z.strictObject({
    count: z
      .string()
      .max(100)
      .regex(/^\d+$/, 'write it as text of digits, such as "1000"')
      .describe('the number of designs that the paper states'),
    ignores: z
      .array(z.string())
      .max(PARAMETERS.length)
      .default([])
      .describe('parameters that the paper does not count'),
    relaxes: z
      .array(constraintSchema())
      .max(MOST_CONSTRAINTS)
      .default([])
      .describe('constraints that the paper does not apply'),
  }),
);

/** Network dimensions. */
export const dimensionsSchema = once(() => z.int().min(1).max(MAX_DIMENSIONS));

/** A PsA file. */
export const psaSchema = once(() =>
  z.strictObject({
    version: z.literal(1),
    name: nameSchema(),
    description: descriptionSchema(),
    system: fileSchema().describe('target system: a preset, or a YAML file relative to this one'),
    software: fileSchema()
      .optional()
      .describe(
        'framework that runs on it: a preset, or a YAML file relative to this one; what the system says if left out',
      ),
    model: fileSchema().describe(
      'workload: a preset, or a YAML file or a Hugging Face config.json relative to this one',
    ),
    dimensions: dimensionsSchema().optional().describe("network dimensions; the system's if left out"),
    workload: stackSchema('workload').optional(),
    collective: stackSchema('collective').optional(),
    network: stackSchema('network').optional(),
    compute: stackSchema('compute').optional(),
    ...factsShape((parameter) => z.lazy(() => specSchema(parameter))),
    constraints: z
      .array(constraintSchema())
      .max(MOST_CONSTRAINTS)
      .optional()
      .describe('arithmetic over parameters, such as `workload.dp * workload.tp <= 64`'),
    objective: z.string().min(1).max(200).optional().describe('what is minimised, such as time or time*cost'),
    published: publishedSchema().optional().describe('how a paper counts this space'),
  }),
);
export type PsaFile = z.output<ReturnType<typeof psaSchema>>;

/** Fields of a system file, one per parameter; `schemaOf` gives the schema of what it may say. */
function defaultsShape<Value>(
  parameters: readonly [string, ParameterDefinition][],
  schemaOf: (parameter: ParameterDefinition) => z.ZodType<Value>,
): Record<string, z.ZodType<Value | undefined>> {
  return Object.fromEntries(
    parameters.map(([name, parameter]) => {
      const value = schemaOf(parameter);
      return [name, parameter.neutral === 'required' ? value : value.optional()];
    }),
  );
}

type Default = Scalar | readonly Scalar[];

/** One value, or one per network dimension. */
function defaultSchema(parameter: ParameterDefinition): z.ZodType<Default> {
  const scalar = scalarSchema(parameter);
  return parameter.perDimension ? z.union([scalar, z.array(scalar).min(1).max(MAX_DIMENSIONS)]) : scalar;
}

function defaultsSchema(stack: Stack) {
  return byOwnNames(stack, defaultsShape(namesOf(stack), defaultSchema));
}

/** The same where nothing has to be said. */
function someDefaultsSchema(stack: Stack) {
  const shape = namesOf(stack).map(([name, parameter]) => [name, defaultSchema(parameter).optional()]);
  return byOwnNames(stack, Object.fromEntries(shape) as Record<string, z.ZodType<Default | undefined>>);
}

/** Parameters of the network that have one value for all dimensions. */
export type NetworkScalar = {
  [Name in keyof typeof network]: (typeof network)[Name]['perDimension'] extends true ? never : Name;
}[keyof typeof network];

function networkShape(perDimension: boolean) {
  const parameters = namesOf('network').filter(([, parameter]) => parameter.perDimension === perDimension);
  return defaultsShape(parameters, scalarSchema);
}

/** NPUs of a system. */
export const npusSchema = once(() =>
  z
    .int()
    .min(1)
    .max(2 ** 20),
);

/** Major number of NVIDIA's compute capability, by which frameworks choose kernels: 9 of Hopper, 10 of Blackwell, 12 of its RTX cards. */
const computeCapabilitySchema = once(() => z.union([z.int().min(1).max(99), z.literal('none')]));

/** A system file. Of dp, tp, sp, pp and the dimensions' npus one each may be left out: it follows from the others. */
export const systemSchema = once(() =>
  z.strictObject({
    name: nameSchema(),
    description: descriptionSchema(),
    npus: npusSchema(),
    computeCapability: computeCapabilitySchema()
      .optional()
      .describe("major number of NVIDIA's compute capability: 9 of Hopper, 10 of Blackwell; none: no chip of NVIDIA"),
    tiers: z.array(z.enum(TIERS)).min(1).max(MAX_DIMENSIONS).optional(),
    dimensions: z
      .array(z.strictObject(networkShape(true)))
      .min(1)
      .max(MAX_DIMENSIONS),
    ...(networkShape(false) as Record<NetworkScalar, z.ZodType<Scalar | undefined>>),
    compute: defaultsSchema('compute'),
    collective: defaultsSchema('collective').optional(),
    workload: defaultsSchema('workload').optional(),
    ...factsShape(defaultSchema),
  }),
);
export type SystemFile = z.output<ReturnType<typeof systemSchema>>;

/** What a program reaches of each dimension of a network; their sizes and peaks are the machine's. */
const REACHED: readonly string[] = ['efficiency', 'latencyNs'];

function softwareNetworkSchema() {
  const reached = namesOf('network').filter(([name]) => REACHED.includes(name));
  return z.strictObject({ ...networkShape(false), ...defaultsShape(reached, defaultSchema) }).partial();
}

const microBatchSchema = once(() =>
  z
    .int()
    .min(1)
    .max(2 ** 20),
);

/** What a run of a framework is taken to have done that does not say. */
const unsaidSchema = once(() =>
  z.strictObject({
    mixtureMicroBatches: z
      .array(microBatchSchema())
      .min(1)
      .max(16)
      .optional()
      .describe('micro-batches that a mixture of experts may have had'),
    cheapRecomputation: z
      .array(z.enum(namesOf('workload').map(([name]) => name)))
      .max(16)
      .default([])
      .describe('switches of what it recomputes at a small loss of time, between nothing and all'),
  }),
);

/** What a framework decides, by stack. */
const decidedSchema = once(() =>
  z.strictObject({
    network: softwareNetworkSchema().optional(),
    compute: someDefaultsSchema('compute').optional(),
    collective: someDefaultsSchema('collective').optional(),
    workload: someDefaultsSchema('workload').optional(),
  }),
);

/** A software file: what a framework does, in the place of what a system says of it. All else stays the system's. */
export const softwareSchema = once(() =>
  z.strictObject({
    name: nameSchema(),
    description: descriptionSchema(),
    ...decidedSchema().shape,
    onComputeCapability: z
      .record(z.string().regex(/^([1-9]\d?|none)$/, 'write the major number, such as 10, or none'), decidedSchema())
      .optional()
      .describe(
        'what it decides otherwise on machines of a compute capability, by its major number, or that say that they have none',
      ),
    unsaid: unsaidSchema().optional().describe('of measured runs that do not say'),
  }),
);
export type SoftwareFile = z.output<ReturnType<typeof softwareSchema>>;

/** A system as code describes it: what its file would say. */
export type SystemDescription = Pick<SystemFile, 'name' | 'npus' | 'dimensions' | 'compute'> & Partial<SystemFile>;

type FieldSchemas = { [Name in ModelFieldName]: ReturnType<(typeof MODEL_FIELDS)[Name]['schema']> };

/** One phase of a model file. */
const phaseSchema = once(() => {
  const fields = Object.entries(MODEL_FIELDS).map(([name, { schema }]) => [name, schema()]);
  return z.strictObject(Object.fromEntries(fields) as FieldSchemas).partial();
});

/** A model file: one transformer in one phase or several, or an ensemble of models. */
export const modelSchema = once(() =>
  z.strictObject({
    name: nameSchema(),
    description: descriptionSchema(),
    ...phaseSchema().shape,
    phases: z.array(phaseSchema()).min(1).max(MOST_PHASES).optional(),
    ensemble: z
      .array(z.strictObject({ model: fileSchema(), weight: phaseSchema().shape.weight }))
      .min(1)
      .max(MOST_PHASES)
      .optional(),
  }),
);
export type ModelFile = z.output<ReturnType<typeof modelSchema>>;

/** The JSON Schema (draft 2020-12) of PsA files, with which editors complete and check them; psa.schema.json. */
export function psaJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(psaSchema(), { io: 'input', reused: 'ref' });
  return { ...schema, title: 'cosmic PsA: a design space of a distributed training system' };
}
