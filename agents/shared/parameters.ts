/** A number by which an agent can be tuned. */
export interface ParameterDeclaration {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole?: true;
  /** What it is, for people. */
  readonly meaning: string;
  /** What a study of the agent's sensitivity tries beside the default. */
  readonly tries?: readonly number[];
}

/** The parameters of an agent by their names: types, ranges, defaults and texts all come from here. */
export type ParameterDeclarations = Readonly<Record<string, ParameterDeclaration>>;

/** A value for each parameter. */
export type ParametersOf<D extends ParameterDeclarations> = { readonly [Name in keyof D]: number };

/** The largest generation. */
const MAX_POPULATION = 2 ** 20;

export function defaultsOf<D extends ParameterDeclarations>(declarations: D): ParametersOf<D> {
  const entries = Object.entries(declarations).map(([name, declaration]) => [name, declaration.default]);
  return Object.fromEntries(entries) as ParametersOf<D>;
}

/** Parameters that are not the defaults. */
export interface AskedParameters {
  readonly population?: number;
  readonly parameters?: Readonly<Record<string, number>>;
}

/** A value for each parameter: what is asked for by its name, else the population that is asked for, else what suits. */
export function chosenParameters<D extends ParameterDeclarations>(
  declarations: D,
  { population, parameters }: AskedParameters,
  suited: Partial<ParametersOf<D>> = {},
): ParametersOf<D> {
  return { ...defaultsOf(declarations), ...suited, ...(population === undefined ? {} : { population }), ...parameters };
}

/** The size of a generation, which all agents with parameters have. */
export function populationParameter(declared: Omit<ParameterDeclaration, 'max' | 'whole'>): ParameterDeclaration {
  return { ...declared, max: MAX_POPULATION, whole: true };
}

/** Genetic algorithms choose parents alike. */
export const TOURNAMENT = {
  default: 3,
  min: 1,
  max: 1000,
  whole: true,
  meaning: 'designs drawn for each parent; the best becomes the parent',
  tries: [2, 6],
} as const satisfies ParameterDeclaration;

/** They recombine them alike. */
export const CROSSOVER = {
  default: 0.9,
  min: 0,
  max: 1,
  meaning: 'share of children with two parents',
  tries: [0.5],
} as const satisfies ParameterDeclaration;

/** They mutate children alike. */
export const MUTATIONS = {
  default: 1,
  min: 0,
  max: 1000,
  meaning: 'genes of a child that mutate, on average',
  tries: [0.5, 2],
} as const satisfies ParameterDeclaration;

/** Is the value one that the parameter may have? */
export function allows({ min, max, whole }: ParameterDeclaration, value: number): boolean {
  return value >= min && value <= max && (whole !== true || Number.isInteger(value));
}

/** Such as `a whole number from 2 to 1,048,576`. */
export function rangeText({ min, max, whole }: ParameterDeclaration): string {
  const text = (value: number) => (value < 1 ? String(value) : value.toLocaleString('en-US'));
  return `a ${whole === true ? 'whole ' : ''}number from ${text(min)} to ${text(max)}`;
}
