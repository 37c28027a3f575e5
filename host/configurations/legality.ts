/** Is a configuration legal, and by which rules not? */

import { findParameter } from '../../psa/parameters.js';
import type { CompiledSpace } from '../../psa/space.js';
import { scalarOf } from '../../psa/specs.js';
import type { Facts } from './facts.js';
import type { Framework } from './framework.js';
import { type Configuration, factsOf } from './readConfiguration.js';
import type { Broken, Violation } from './rule.js';

function violation(rule: string, broken: Broken): Violation[] {
  return broken === undefined ? [] : [{ rule, ...broken }];
}

/** Rules of the numbers that are broken. */
export function brokenFacts({ factRules, words }: Framework, facts: Facts): Violation[] {
  return factRules.flatMap(({ rule, broken }) => violation(rule, broken(facts, words)));
}

/** All rules that a configuration breaks: of its numbers, and of what its file says. */
export function violations({ framework, given, facts, impossible }: Configuration): Violation[] {
  const said = framework.settingRules.flatMap(({ rule, broken }) => violation(rule, broken(given, facts)));
  const { nameOf } = given.file;
  const all = [...impossible, ...brokenFacts(framework, facts), ...said];
  if (nameOf === undefined) return all;
  return all.map(({ says, ...rest }) => ({ ...rest, says: says.replaceAll(/--[a-z][a-z0-9-]+/g, nameOf) }));
}

/** What rules look at, of a design of ours. */
export function factsOfDesign(space: CompiledSpace, design: Float64Array): Facts {
  return factsOf(space.npus, space.workload.phases[0]!, (name) => {
    const parameter = findParameter(name)!;
    return scalarOf(parameter, design[parameter.slot]!);
  });
}

/** Rules of the numbers that a design of ours breaks, as the framework would have it. */
export function brokenByDesign(framework: Framework, space: CompiledSpace, design: Float64Array): Violation[] {
  return brokenFacts(framework, factsOfDesign(space, design));
}
