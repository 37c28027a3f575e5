/** Is a configuration legal, and by which rules not? */
import type { Facts } from './facts.js';
import type { Framework } from './framework.js';
import type { Configuration } from './readConfiguration.js';
import type { Violation } from './rule.js';

/** Rules of the numbers that are broken. */
export function brokenFacts({ factRules, words }: Framework, facts: Facts): Violation[] {
  return factRules.flatMap(({ rule, broken }) => {
    const found = broken(facts, words);
    return found === undefined ? [] : [{ rule, ...found }];
  });
}

/** All rules that a configuration breaks: of its numbers, and of what its file says. */
export function violations({ framework, given, facts, impossible }: Configuration): Violation[] {
  const said = framework.settingRules.flatMap(({ rule, broken }) => {
    const found = broken(given, facts);
    return found === undefined ? [] : [{ rule, ...found }];
  });
  return [...impossible, ...brokenFacts(framework, facts), ...said];
}
