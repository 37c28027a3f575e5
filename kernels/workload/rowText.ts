/** Rows of op graphs as expressions in WGSL, with their coefficients and conditions as constants. */
import { constantName, realLiteral } from '../wgslText.js';
import { flagBits, GROUP, groupsOf, isCollective, type Operation, type Scale, type Term } from './operation.js';
import { isLayerAgain } from './recomputation.js';

/** Terms as one sum of products, MFLOP or MB: one for each scale. */
export function sumOf(terms: readonly Term[]): string {
  const byScale = new Map<Scale, number>();
  for (const [coefficient, scale] of terms) byScale.set(scale, (byScale.get(scale) ?? 0) + coefficient * 1e-6);
  const products = [...byScale]
    .filter(([, coefficient]) => coefficient !== 0)
    .map(([scale, coefficient]) =>
      scale === 'one' ? realLiteral(coefficient) : `${realLiteral(coefficient)} * scales[SCALE_${constantName(scale)}]`,
    );
  return join(products);
}

/** Expressions as one sum. */
export function join(expressions: readonly string[]): string {
  return expressions.length === 0 ? '0.0' : expressions.join(' + ');
}

/** When a row runs, as an expression; undefined: always. */
export function conditionOf(row: Operation): string | undefined {
  const { mask, value } = flagBits(row.when);
  const conditions = [
    ...(mask === 0 ? [] : [`runs(${mask}u, ${value}u)`]),
    ...(isCollective(row) ? [`has_several(${GROUP[row.group]}u)`] : []),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' && ');
}

/** The sum of what rows of one condition come to, where they run. */
export function sumByCondition(rows: readonly Operation[], sum: (rows: readonly Operation[]) => string): string {
  return join(
    groupsOf(rows, conditionOf).map(([condition, own]) => {
      // Rows of one condition are all of a layer that is recomputed whole, or none.
      const often = isLayerAgain(own[0]!) ? `again_share() * (${sum(own)})` : sum(own);
      return condition === undefined ? often : `select(0.0, ${often}, ${condition})`;
    }),
  );
}

/** A sum of terms of rows, each where its row runs and as often as it does. */
export function sumWhere(rows: readonly Operation[], termOf: (row: Operation) => Term): string {
  const contributing = rows.filter((row) => termOf(row)[0] !== 0);
  const termWithShare = (row: Operation): Term => [row.share * termOf(row)[0], termOf(row)[1]];
  return sumByCondition(contributing, (own) => sumOf(own.map(termWithShare)));
}

/** How many rows run, in the mean of all layers. */
export function countWhere(rows: readonly Operation[]): string {
  return sumByCondition(rows, (own) => realLiteral(own.reduce((sum, { share }) => sum + share, 0)));
}

/** Time of a row that computes, in the mean of all layers, us. */
export function rooflineOf({ rate, flops, input, output, weight, result, quantized, share }: Operation): string {
  const code = `RATE_${constantName(rate)}`;
  const mflop = `${code}, ${sumOf([flops])}`;
  const fill = rate === 'experts' ? `fill_mflop(${code}, ${sumOf([weight])})` : '0.0';
  const traffic = sumOf([input, output, weight]);
  const [written, other] = result === 'output' ? [output, weight] : [weight, output];
  const shape = `${sumOf([input, other])}, ${sumOf([written])}, ${sumOf([quantized])}`;
  const us =
    rate === 'elementwise' ? `roofline_us(${mflop}, ${traffic})` : `row_us(${mflop}, ${fill}, ${traffic}, ${shape})`;
  return share === 1 ? us : `${realLiteral(share)} * ${us}`;
}

/** Whether one of the rows runs. */
export function anyOf(rows: readonly Operation[]): string {
  const conditions = new Set(rows.map(conditionOf));
  return conditions.has(undefined) ? 'true' : [...conditions].map((condition) => `(${condition})`).join(' || ');
}

/** The largest input and output of the operations that run, MB. */
export function largestOf(rows: readonly Operation[]): string {
  return groupsOf(rows, conditionOf).reduce((largest, [condition, own]) => {
    const most = own.map(({ input, output }) => sumOf([input, output])).reduce((a, b) => `max(${a}, ${b})`);
    return `max(${largest}, ${condition === undefined ? most : `select(0.0, ${most}, ${condition})`})`;
  }, '0.0');
}
