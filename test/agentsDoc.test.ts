/** The table of parameters in docs/agents.md is what the agents declare: `npm run docs` writes it anew. The study's optima are today's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AGENT_NAMES, AGENTS } from '../agents/agents.js';
import { rangeText } from '../agents/shared/parameters.js';
import { designEvaluator } from '../host/designs/designs.js';
import { formatNumber } from '../host/display/format.js';
import { markdownTable } from '../host/display/markdown.js';
import { STUDY_SPACES } from '../host/study/spaces.js';
import { Goal } from '../kernels/objective/goal.js';
import { parseObjective } from '../kernels/objective/objective.js';
import { compilePsa } from '../psa/compile.js';
import { loadPsa } from '../psa/load.js';
import { designOf } from '../psa/ordinals.js';
import { packageRoot } from '../psa/packageRoot.js';

it('docs/agents.md lists all parameters of all agents', async () => {
  const rows = AGENT_NAMES.flatMap((agent) =>
    Object.entries(AGENTS[agent].parameters).map(([name, declaration]) => [
      `\`${agent}\``,
      `\`${name}\``,
      String(declaration.default),
      rangeText(declaration),
      declaration.meaning,
    ]),
  );
  const table = markdownTable(['agent', 'parameter', 'default', 'values', 'what it is'], rows);
  const text = readFileSync(join(packageRoot, 'docs', 'agents.md'), 'utf8');
  const shown = text.replace(
    /<!-- parameters -->.*<!-- \/parameters -->/s,
    () => `<!-- parameters -->\n${table}\n<!-- /parameters -->`,
  );
  await expect(shown).toMatchFileSnapshot('../docs/agents.md');
});

const study = readFileSync(join(packageRoot, 'docs', 'agents-study.md'), 'utf8');

it.each(STUDY_SPACES)('docs/agents-study.md has the optimum of $name as it is today', ({ name, preset, set }) => {
  const [, value, ordinal] = new RegExp(`^## ${name}\n.*?([\\d,]+) s × \\$ \\(ordinal (\\d+)\\)`, 'ms').exec(study)!;
  const space = compilePsa(loadPsa(preset, { set: [...set] }));
  const goal = new Goal(space, [parseObjective('time*cost')]);
  const { outputs } = designEvaluator(space)(designOf(space, BigInt(ordinal!)));
  expect(formatNumber(goal.valueOf(outputs), 6)).toBe(value);
});
