/** Conditions of a shell script that its variables decide. */
import type { Command, TestExpression, Word } from 'unbash';
import type { Variables } from './expand.js';

/** True, false, or undefined where the file does not say. */
export type Truth = boolean | undefined;

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

/** A pattern with `*` and `?` alone. */
export function matches(text: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}

function binary(left: string, operator: string, right: string): Truth {
  const numeric = NUMERIC[operator];
  if (numeric !== undefined) return numeric(Number(left), Number(right));
  if (operator === '=' || operator === '==') return matches(left, right);
  if (operator === '!=') return !matches(left, right);
  return undefined;
}

function unary(operator: string, operand: string): Truth {
  if (operator === '-z') return operand === '';
  if (operator === '-n') return operand !== '';
  return undefined;
}

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** `[[ … ]]`. */
export function testTruth(expression: TestExpression, variables: Variables): Truth {
  const text = (word: Word) => variables.word(word);
  switch (expression.type) {
    case 'TestUnary': {
      const operand = text(expression.operand);
      return operand === undefined ? undefined : unary(expression.operator, operand);
    }
    case 'TestBinary': {
      const [left, right] = [text(expression.left), text(expression.right)];
      return left === undefined || right === undefined ? undefined : binary(left, expression.operator, right);
    }
    case 'TestNot': {
      const truth = testTruth(expression.operand, variables);
      return expression.negations.length % 2 === 0 ? truth : not(truth);
    }
    case 'TestGroup':
      return testTruth(expression.expression, variables);
    default: {
      const truths = expression.operands.map((operand) => testTruth(operand, variables));
      if (expression.operator === '&&') {
        return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
      }
      return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
    }
  }
}

function bracketTruth(words: readonly (string | undefined)[]): Truth {
  if (words.includes(undefined)) return undefined;
  const [first, second, third] = words as string[];
  if (first === '!' && words.length > 1) return not(bracketTruth(words.slice(1)));
  if (words.length === 1) return first !== '';
  if (words.length === 2) return unary(first!, second!);
  return words.length === 3 ? binary(first!, second!, third!) : undefined;
}

/** `[ … ]`, `test …`, `true` and `false`; undefined for every other command. */
export function commandTruth({ name, args }: Command, variables: Variables): Truth {
  const called = name === undefined ? undefined : variables.word(name);
  if (called === 'true' || called === ':') return true;
  if (called === 'false') return false;
  if (called !== '[' && called !== 'test') return undefined;
  const words = args.map((word) => (word.type === 'Word' ? variables.word(word) : word.text));
  return bracketTruth(called === '[' ? words.slice(0, -1) : words);
}
