/** The designs that a search evaluated: it keeps the best alone, but walks the same way again. */
import { CosmicError } from '../../psa/errors.js';
import { digitsToOrdinal } from '../../psa/ordinals.js';
import type { CompiledSpace } from '../../psa/space.js';
import { createEvaluator } from '../backends/createEvaluator.js';
import type { Evaluator } from '../backends/evaluator.js';
import type { RunSearch } from '../runs/findings.js';
import { searchRequest } from '../runs/settings.js';
import { search } from '../search/search.js';

/** An evaluator that tells which designs it is asked for; without designs that stay on a device. */
function recording(evaluator: Evaluator, record: (ordinal: bigint) => void): Evaluator {
  const { backend, description, provenance, space, covers } = evaluator;
  return {
    backend,
    description,
    provenance,
    space,
    covers,
    evaluate: (batch) => {
      if (batch.kind === 'digits') {
        for (let i = 0; i < batch.count; i++) {
          record(digitsToOrdinal(space, batch.digits, i * space.genes.length));
        }
      }
      return evaluator.evaluate(batch);
    },
    sweep: (...request) => evaluator.sweep(...request),
    close: () => evaluator.close(),
  };
}

/**
 * Searches once more, on the backend that the run had.
 *
 * @returns each design once, in the order in which they were first evaluated
 * @throws CosmicError RUN_MISMATCH where the search does not go as it went, and what the evaluator throws
 */
export async function searchedDesigns(
  space: CompiledSpace,
  { settings, backend, state: { evaluations, history } }: RunSearch,
  file: string,
): Promise<bigint[]> {
  const ordinals = new Set<bigint>();
  const evaluator = await createEvaluator(space, { backend: backend.name });
  try {
    const enough = new AbortController();
    const again = await search(
      recording(evaluator, (ordinal) => ordinals.add(ordinal)),
      searchRequest(settings),
      {
        signal: enough.signal,
        onGeneration: (at) => {
          if (at.evaluations >= evaluations) enough.abort();
        },
      },
    );
    if (again.evaluations === evaluations && JSON.stringify(again.history) === JSON.stringify(history)) {
      return [...ordinals];
    }
  } finally {
    await evaluator.close();
  }
  throw new CosmicError('RUN_MISMATCH', `the search (${settings.agent}, seed ${settings.seed}) goes another way here`, {
    file,
    remedy: 'write the designs where it ran, or search again with --backend cpu, which goes the same way everywhere',
  });
}
