/** The list of outputs in docs/ is what the catalogue says: `npm run docs` writes docs/outputs.md anew. */
import { expect, it } from 'vitest';
import { markdownTable } from '../host/display/markdown.js';
import { OUTPUTS, type OutputDefinition, QUANTITIES, type QuantityDefinition } from '../kernels/outputs.js';
import { DERIVED_ROWS, type DerivedRow } from '../kernels/quantities/catalogue.js';

const COMBINED: Record<OutputDefinition['combine'], string> = {
  sum: 'weighted sum',
  fullest: 'of the one that needs the most memory',
  most: 'the largest',
  rate: 'work of all, per time',
  once: 'of the design as a whole',
  derived: 'derives from the others',
};

function outputRow({ name, unit, partOf, combine, description }: OutputDefinition): string[] {
  return [`\`${name}\``, unit, partOf === undefined ? '' : `\`${partOf}\``, COMBINED[combine], description];
}

function formulaRow({ name, formula, needs }: DerivedRow): string[] {
  return [`\`${name}\``, `\`${formula}\``, needs.join(', ')];
}

function quantityRow({ name, output, better, objective, limit }: QuantityDefinition): string[] {
  return [`\`${name}\``, `\`${output}\``, better, objective?.unit ?? 'no factor', limit.unit];
}

it('docs/outputs.md is up to date', async () => {
  const text = `# Outputs

What the simulator tells of each design, in results and tables of a run and in the rows of \`evaluate\`; generated from
[kernels/outputs.ts](../kernels/outputs.ts) by \`npm run docs\`. How each is computed: [model.md](model.md).

${markdownTable(['output', 'unit', 'part of', 'of several phases', 'meaning'], OUTPUTS.map(outputRow))}

## What derives from others

From outputs, facts and other parameters, where the facts that they need are known; [money.md](money.md) says what they stand for.
\`inverse(x)\` is 1/x, or 0 where x is unknown; \`given(x, y)\` is x where it is known, else y; \`excess(x, y)\` what x exceeds y by;
\`several(x)\` 1 of more than one, else 0.

${markdownTable(['output', 'formula', 'needs'], DERIVED_ROWS.map(formulaRow))}

## What a goal may name

\`--objective\` takes products of those that have a unit there, at most four, with whole powers from −4 to 4
(\`time^2*cost\`; negative ones maximise); \`--constraint\` takes any of them: \`memory <= 24e9\`.

${markdownTable(['name', 'output', 'better', 'unit in an objective', 'unit in a limit'], QUANTITIES.map(quantityRow))}
`;
  await expect(text).toMatchFileSnapshot('../docs/outputs.md');
});
