import type { CountStep, PublishedCount, SpaceCount } from '../../psa/count.js';
import { describeDesign } from '../../psa/ordinals.js';
import { findParameter } from '../../psa/parameters.js';
import type { CompiledSpace, Gene } from '../../psa/space.js';
import { scalarOf } from '../../psa/specs.js';
import { entryName } from '../designs/designs.js';
import { formatNumber, plural } from '../display/format.js';
import { describeModels, modelLines } from '../display/models.js';
import { formatParameter } from '../display/parameters.js';
import { titleOf } from '../display/title.js';
import type { OpenSpace } from '../runs/openSpace.js';
import { parameterTables } from './parameterTables.js';
import { formatTable, left, right } from './table.js';

/** Values of a gene that are listed in full. */
const VALUES_SHOWN = 12;

/** What a PsA is: what varies, what is fixed, under which constraints. */
export function spaceLines({ psa, space, reference }: OpenSpace): string[] {
  const fixed = describeDesign(space, space.fixed).filter(({ open }) => !open);
  return [
    psa.description === '' ? space.name : `${space.name}: ${psa.description}`,
    `${titleOf(space)}, ${plural(space.dimensions, 'network dimension')}`,
    `objective ${psa.objective.value}; from ${psa.place.file ?? reference.psa}`,
    '',
    ...modelLines(space.workload),
    '',
    'What varies, one gene per row:',
    '',
    formatTable(
      [left('gene'), left('scale'), right('values'), left('which')],
      space.genes.map((gene) => [gene.name, gene.scale, formatNumber(gene.size), geneValues(gene)]),
    ),
    '',
    `${formatNumber(space.count)} designs, each structurally valid (cosmic psa count ${reference.psa} says how many of each)`,
    '',
    ...(fixed.length === 0 ? [] : ['What is fixed:', '', parameterTables(fixed), '']),
    'Constraints:',
    ...psa.constraints.map(({ value }) => `  ${value}`),
  ];
}

function geneValues({ parameters, slots, table, size }: Gene): string {
  const parameter = findParameter(parameters[0]!.replace(/\[\d\]$/, ''));
  if (parameters.length > 1 || parameter === undefined) return `tuples of ${parameters.length} parameters`;
  const values = Array.from({ length: Math.min(size, VALUES_SHOWN) }, (_, row) =>
    formatParameter(scalarOf(parameter, table[row * slots.length]!)),
  );
  return `${values.join(', ')}${size > VALUES_SHOWN ? ', …' : ''}`;
}

export function spaceJson({ psa, space }: OpenSpace) {
  const fixed = describeDesign(space, space.fixed).filter(({ open }) => !open);
  return {
    space: space.name,
    description: psa.description,
    system: space.systemName,
    npus: space.npus,
    dimensions: space.dimensions,
    workload: space.workload,
    models: describeModels(space.workload),
    objective: psa.objective.value,
    count: space.count.toString(),
    genes: space.genes.map(({ name, parameters, scale, size }) => ({ name, parameters, scale, size })),
    fixed: Object.fromEntries(fixed.map((entry) => [entryName(entry), entry.value])),
    constraints: psa.constraints.map(({ value }) => value),
  };
}

/** How many designs there are, and how that follows from a published count. */
export function countLines(space: CompiledSpace, count: SpaceCount): string[] {
  return [
    `${space.name}: ${titleOf(space)}`,
    '',
    formatTable(
      [left('gene'), right('combinations'), right('valid (designs)')],
      count.genes.map(({ name, unconstrained, size }) => [name, formatNumber(unconstrained), formatNumber(size)]),
    ),
    '',
    `all combinations of the values       ${formatNumber(count.unconstrained)}`,
    `structurally valid designs           ${formatNumber(count.count)}`,
    ...(count.published === undefined ? [] : publishedLines(count.published)),
  ];
}

function publishedLines({ stated, count, steps }: PublishedCount): string[] {
  const agreement =
    stated === count ? 'as the paper states' : `the paper states ${formatNumber(stated)} for its own system`;
  return [
    '',
    `counted by the rules of the paper    ${formatNumber(count)} (${agreement})`,
    ...steps.map((step) => `  ${stepText(step).padEnd(70)} ${formatNumber(step.count)}`),
  ];
}

function stepText({ kind, text, numerator, denominator }: CountStep): string {
  const factor = denominator === 1n ? `× ${numerator}` : `× ${numerator}/${denominator}`;
  return `${factor}  ${kind === 'parameter' ? 'counting' : 'demanding'} ${text}`;
}

export function countJson(space: CompiledSpace, count: SpaceCount) {
  const { published } = count;
  return {
    space: space.name,
    system: space.systemName,
    npus: space.npus,
    genes: count.genes,
    unconstrained: count.unconstrained.toString(),
    count: count.count.toString(),
    published:
      published === undefined
        ? null
        : {
            stated: published.stated.toString(),
            count: published.count.toString(),
            steps: published.steps.map(({ kind, text, numerator, denominator, count: after }) => ({
              kind,
              text,
              factor: denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`,
              count: after.toString(),
            })),
          },
  };
}
