/** Rows of the other half of a layer: norm, a dense MLP or a mixture of experts, and the sum with the residual stream. */
import { type LayerKind, layerKinds } from '../../psa/layerKinds.js';
import type { ModelPhase } from '../../psa/space.js';
import { outputNorm, outputNormBackward } from './attentionBlock.js';
import { mixtureBackward, mixtureForward } from './mixtureBlock.js';
import { denseMlp, type Mlp, operationsAgain, region, regionBackward } from './mlp.js';
import type { Operation } from './operation.js';
import { droppedWith, recomputed, recomputedToEnd, unneeded, unneededFrom } from './recomputation.js';
import { dropoutMask, elementwise, HALF, keptWith, offloadedWith, shared } from './rows.js';

function mlpNorm(m: ModelPhase): Operation[] {
  const elements = m.seq * m.hidden;
  const norm = elementwise('MLP norm', elements, 'tokensNorm', 1, 1, { saved: [HALF * elements, 'tokensSeq'] });
  // What attention added to the residual stream, where no norm of its output has kept it: one of them is worth the other.
  return offloadedWith('offloadMlpNorm', m.norms < 4 ? keptWith('keepProjection', [norm]) : [norm]);
}

/** A dense MLP, at whose output no backward pass looks unless a norm is behind it. */
function denseRegion(m: ModelPhase, mlp: Mlp): Operation[] {
  const rows = region(mlp);
  return m.norms < 4 ? unneededFrom(mlp.down.name, rows) : rows;
}

function kindBlock(m: ModelPhase, { mlp: kind, ffn }: LayerKind): Operation[] {
  if (kind === 'experts') return [...mlpNorm(m), ...mixtureForward(m, ffn)];
  const residual = elementwise('MLP residual', m.seq * m.hidden, 'tokensSeq', 2, 1, { saved: dropoutMask(m) });
  return [
    ...droppedWith(['recomputeOperations'], mlpNorm(m)),
    ...denseRegion(m, denseMlp(m, ffn)),
    ...keptWith('keepMlpProducts', outputNorm(m, 'MLP')),
    ...unneeded([residual]),
  ];
}

function kindBackward(m: ModelPhase, { mlp: kind, ffn }: LayerKind): Operation[] {
  const elements = m.seq * m.hidden;
  const before = [
    elementwise('MLP residual bwd', elements, 'tokensSeq', 2, 1),
    ...outputNormBackward(m, 'MLP'),
    ...recomputed({ recomputeNorms: true }, mlpNorm(m)),
  ];
  const norm = elementwise('MLP norm bwd', elements, 'tokensNorm', 3, 1);
  if (kind === 'experts') return [...before, ...mixtureBackward(m, ffn), norm];
  const mlp = denseMlp(m, ffn);
  return [
    ...before,
    ...operationsAgain(mlp, mlpNorm(m)),
    ...recomputedToEnd({ recomputeMlp: true }, denseRegion(m, mlp)),
    ...regionBackward(mlp),
    norm,
  ];
}

/** Layers with the same MLP, and the share that they are of all: more than one in all where some predict a later token. */
function mlpKinds(m: ModelPhase): { kind: LayerKind; share: number }[] {
  const kinds: { kind: LayerKind; share: number }[] = [];
  for (const kind of layerKinds(m).filter(({ mlp }) => mlp !== 'none')) {
    const known = kinds.find((other) => other.kind.mlp === kind.mlp);
    if (known) known.share += kind.layers / m.layers;
    else kinds.push({ kind, share: kind.layers / m.layers });
  }
  return kinds;
}

export function mlpBlock(m: ModelPhase): Operation[] {
  return mlpKinds(m).flatMap(({ kind, share }) => shared(share, kindBlock(m, kind)));
}

export function mlpBackward(m: ModelPhase): Operation[] {
  return mlpKinds(m).flatMap(({ kind, share }) => shared(share, kindBackward(m, kind)));
}
