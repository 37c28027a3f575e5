import { expect, it } from 'vitest';
import { agentsMarkdown } from './agentsMarkdown.js';

it('names the command and the commit that its tables are of', () => {
  const document = { studies: [], objective: 'time', unit: 's', seeds: 1, curves: 'a.svg' };
  expect(agentsMarkdown({ ...document, command: 'cosmic study agents', commit: '0123abc' })).toContain(
    'Written by `cosmic study agents` of commit 0123abc.',
  );
});
