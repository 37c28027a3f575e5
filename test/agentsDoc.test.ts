/** The table of parameters in docs/agents.md is what the agents declare: `npm run docs` writes it anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AGENT_NAMES, AGENTS } from '../agents/agents.js';
import { rangeText } from '../agents/shared/parameters.js';
import { markdownTable } from '../host/display/markdown.js';
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
