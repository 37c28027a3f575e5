import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { psa } from './builder.js';
import { constraintsOf } from './constraints.js';
import { defaultDesign } from './defaults.js';
import { CosmicError } from './errors.js';
import { SLOT } from './parameters.js';

/** Does a constraint hold of the default design of cosmic-1024 (dp 8, tp 4, sp 8, pp 4; NPUs 4·8·4·8)? */
function holds(text: string, model = 'gpt3-175b'): boolean {
  const [constraint] = constraintsOf(psa('test').model(model).constrain(text).build());
  return constraint!.holds(defaultDesign('cosmic-1024', model));
}

describe('constraints', () => {
  it.each([
    ['workload.dp == 8', true],
    ['workload.dp * workload.tp * workload.sp * workload.pp == system.npus', true],
    ['2 + 3 * 4 == 14', true],
    ['(2 + 3) * 4 == 14', false],
    ['7 % 4 == 3 and -3 + 1 < 0', true],
    ['10 / 4 == 2.5', true],
    ['0.1 + 0.2 == 0.3', true],
    ['0.1 + 0.2 > 0.3', false],
    ['workload.dp != 8 or workload.tp >= 4', true],
    ['workload.dp != 8 || workload.tp > 4', false],
    ['not (workload.dp == 8)', false],
    ['!(workload.dp < 8) && workload.dp <= 8', true],
    ['product(network.npus) == system.npus', true],
    ['sum(network.npus) == 24', true],
    ['min(network.npus) == 4 and max(network.npus, 16) == 16', true],
    ['network.npus[1] == 8 and network.npus[2] == 4', true],
    ['system.dimensions == 4', true],
    ['model.heads % workload.tp == 0', true],
    ['workload.pipelineSchedule == interleaved', false],
    ["workload.axisOrder == 'ep-dp-tp-sp-pp'", true],
    ['workload.microBatch == all', true],
    ['workload.sequenceParallel == on', true],
    ['network.topology[0] == Ring and network.topology[1] != Ring', true],
    ['workload.batch == 2048 and workload.batch == model', true],
    ['workload.batch < 2048 or workload.batch == 0', false],
    ['2 * 1000000000 + 1 == 2000000000', false],
    ['2 * 1000000000 + 1 > 2000000000', true],
    ['0.1 + 0.2 == 0.3', true],
    ['workload.dp - 8 == 0 or 5 % (workload.dp - 8) == 1', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each([
    '5 % 0 == 0',
    '5 % 0 != 0',
    '1 / 0 == 5',
    '1 / 0 >= 5',
    '0 / 0 == 0',
  ])('%s is an error: nothing compares with what is not a number', (text) => {
    expect(() => holds(text)).toThrow(
      expect.objectContaining({
        code: 'CONSTRAINT_SYNTAX',
        file: expect.any(String),
        message: expect.stringContaining(text),
      }),
    );
  });

  it('hold of an ensemble if they hold of each member', () => {
    expect(holds('model.hidden >= 768', 'cosmic-ensemble')).toBe(true);
    expect(holds('model.hidden >= 1024', 'cosmic-ensemble')).toBe(false);
  });

  it('read the slots that they name', () => {
    const [constraint] = constraintsOf(psa('reads').constrain('network.npus[2] < 3 or workload.dp > 1').build());
    expect([...constraint!.slots].sort((a, b) => a - b)).toEqual([SLOT.workload.dp, SLOT.network.npus + 2]);
  });

  it('agree with JavaScript on arithmetic', () => {
    const operand = fc.integer({ min: 1, max: 50 }).map(String);
    const expression = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        operand,
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-', '*'), tie('node'))
          .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      ),
    })).node;
    fc.assert(
      fc.property(expression, (text) => {
        const value = new Function(`return ${text}`)() as number;
        expect(holds(`${text} == ${value < 0 ? `(0 - ${-value})` : value}`)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['workload.dp = 8', 'equality is =='],
    ['workload.dp ==', 'arithmetic'],
    ['workload.dp', 'compare'],
    ['workload.dq == 8', "'workload.dp'"],
    ['dp == 8', 'workload.dp'],
    ['network.npus == 8', 'product(network.npus)'],
    ['network.npus[4] == 8', '0 to 3'],
    ['workload.dp[0] == 8', 'remove [ ]'],
    ['sqrt(workload.dp) == 8', 'product'],
    ['workload.pipelineSchedule == 1fb1', 'arithmetic'],
    ["workload.pipelineSchedule == '1fb1'", "'1f1b'"],
    ['1 < workload.dp < 8', 'brackets'],
    ['workload.dp and workload.tp', 'compare'],
    ['(workload.dp ^ 2) == 64', 'use + -'],
    ['workload.dp === 8', 'use + -'],
    ['workload.dp == 8 workload.tp == 4', 'and, or'],
    ['model.layer == 8', "'layers'"],
    ['product() == 8', 'product(network.npus)'],
    ['workload.dp == true', 'on or off'],
    ['process.exit(1) == 1', 'product'],
    ['this == 1', 'one comparison'],
    ['constructor(1) == 1', 'product'],
    ['toString(network.npus) == 1', 'product'],
    ['model.constructor == 1', 'layers'],
    ['network.npus[-1] == 1', '0 to 3'],
  ])('%s is an error with a remedy', (text, remedy) => {
    const build = () => constraintsOf(psa('bad').constrain(text).build());
    expect(build).toThrow(CosmicError);
    expect(build).toThrow(
      expect.objectContaining({ code: 'CONSTRAINT_SYNTAX', remedy: expect.stringContaining(remedy) }),
    );
  });
});
