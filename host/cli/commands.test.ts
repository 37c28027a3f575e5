/** The list of commands is true of the commands. */
import { Help } from 'commander';
import { expect, it } from 'vitest';
import { COMMANDS } from './commands.js';

it.each(COMMANDS)('$name is what the list says', async ({ name, usage, description, load }) => {
  const command = await load();
  expect(command.name()).toBe(name);
  expect(new Help().subcommandTerm(command)).toBe(`${name} ${usage}`.trim());
  expect(command.description()).toBe(description);
});
