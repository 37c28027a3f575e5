/** Whole-number arithmetic of a shell: `$(( … ))`. */
import type { ArithmeticExpression } from 'unbash';

/** A value, or undefined where something is not known. */
type Known = number | undefined;

type Lookup = (name: string) => Known;

const flag = (truth: boolean): number => (truth ? 1 : 0);

const BINARY: Readonly<Record<string, (a: number, b: number) => Known>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : Math.trunc(a / b)),
  '%': (a, b) => (b === 0 ? undefined : a % b),
  '**': (a, b) => a ** b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
  '==': (a, b) => flag(a === b),
  '!=': (a, b) => flag(a !== b),
  '<': (a, b) => flag(a < b),
  '<=': (a, b) => flag(a <= b),
  '>': (a, b) => flag(a > b),
  '>=': (a, b) => flag(a >= b),
  '&&': (a, b) => flag(a !== 0 && b !== 0),
  '||': (a, b) => flag(a !== 0 || b !== 0),
};

const UNARY: Readonly<Record<string, (a: number) => number>> = {
  '-': (a) => -a,
  '+': (a) => a,
  '!': (a) => flag(a === 0),
};

/** A variable that an expression assigns, and the expression of its value. */
export function assigned(expression: ArithmeticExpression): { name: string; value: ArithmeticExpression } | undefined {
  if (expression.type !== 'ArithmeticBinary' || expression.left.type !== 'ArithmeticWord') return undefined;
  const operator = /^([-+*/%]?)=$/.exec(expression.operator)?.[1];
  if (operator === undefined) return undefined;
  const value: ArithmeticExpression = operator === '' ? expression.right : { ...expression, operator };
  return { name: expression.left.value, value };
}

/** A number, or a variable with or without `$` and braces. */
function wordValue(text: string, lookup: Lookup): Known {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return Number(trimmed);
  const name = /^\$?\{?(\w+)\}?$/.exec(trimmed)?.[1];
  return name === undefined ? undefined : lookup(name);
}

/**
 * The value of an arithmetic expression.
 *
 * @param lookup values of variables; undefined where one is not known
 */
export function arithmeticValue(expression: ArithmeticExpression, lookup: Lookup): Known {
  const value = (inner: ArithmeticExpression) => arithmeticValue(inner, lookup);
  switch (expression.type) {
    case 'ArithmeticWord':
      return wordValue(expression.value, lookup);
    case 'ArithmeticGroup':
      return value(expression.expression);
    case 'ArithmeticUnary': {
      const operand = value(expression.operand);
      return operand === undefined ? undefined : UNARY[expression.operator]?.(operand);
    }
    case 'ArithmeticBinary': {
      const [left, right] = [value(expression.left), value(expression.right)];
      return left === undefined || right === undefined ? undefined : BINARY[expression.operator]?.(left, right);
    }
    case 'ArithmeticTernary': {
      const test = value(expression.test);
      if (test === undefined) return undefined;
      return value(test === 0 ? expression.alternate : expression.consequent);
    }
    default:
      return undefined;
  }
}
