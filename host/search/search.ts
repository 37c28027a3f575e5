import type { AgentOptions } from '../../agents/agent.js';
import { AGENTS } from '../../agents/agents.js';
import { createIslands } from '../../agents/createAgent.js';
import { Goal } from '../../kernels/objective/goal.js';
import { MAX_LIMITS } from '../../kernels/objective/limits.js';
import { OUTPUT_COUNT } from '../../kernels/outputs.js';
import { requireFacts } from '../../kernels/quantities/facts.js';
import { CosmicError } from '../../psa/errors.js';
import { digitsToOrdinal } from '../../psa/ordinals.js';
import type { Evaluator } from '../backends/evaluator.js';
import { canEvolve, residentSearch } from './residentSearch.js';
import { createScorer } from './score.js';
import { Scoreboard } from './scoreboard.js';
import { isAtEnd, type SearchControl, type SearchRequest, type SearchState } from './searchState.js';

/** @throws CosmicError BACKEND_LIMIT where the backend does not tell which designs are feasible */
function checkCovers({ backend, covers }: Evaluator): void {
  if (covers.length === OUTPUT_COUNT) return;
  throw new CosmicError('BACKEND_LIMIT', `${backend} covers ${covers.join(', ')} only, a search needs all outputs`, {
    remedy: 'use --backend webgpu or cpu',
  });
}

/** @throws CosmicError ARGUMENT */
function checkLimits(count: number): void {
  if (count <= MAX_LIMITS) return;
  throw new CosmicError('ARGUMENT', `a search cannot have ${count} limits`, { remedy: `give at most ${MAX_LIMITS}` });
}

/**
 * Searches a space for the smallest objective. The same request on the same backend gives the same result, also when it
 * was interrupted and went on from a state.
 *
 * @throws CosmicError BACKEND_LIMIT, ARGUMENT, RUN_MISMATCH where the state is not this agent's, and what the evaluator throws
 * @example
 * const evaluator = await createEvaluator(space, { backend: 'auto' });
 * const found = await search(evaluator, {
 *   agent: 'ga', evaluations: 200_000, population: 2048, seed: 0, objective: parseObjective('time'), top: 10,
 * });
 * found.best[0]?.ordinals[0]; // '1234567890'
 */
export async function search(
  evaluator: Evaluator,
  request: SearchRequest,
  control: SearchControl = {},
  resumeFrom?: SearchState,
): Promise<SearchState> {
  const { space } = evaluator;
  checkCovers(evaluator);
  const { limits = [], moreObjectives = [] } = request;
  checkLimits(limits.length);
  const goal = new Goal(space, [request.objective, ...moreObjectives], limits);
  requireFacts(space, goal);
  const { agent: name, seed, islands } = request;
  const options = agentOptions(request);
  const agent = createIslands(name, space.genes, seed, islands, options);
  const { resident } = AGENTS[name];
  if (resident !== undefined && canEvolve(evaluator) && goal.objectives.length === 1) {
    const breeding = resident(space.genes, seed, { ...options, ...(islands !== undefined && { islands }) });
    return residentSearch(evaluator, breeding, goal, request, control, resumeFrom);
  }
  if (resumeFrom !== undefined) agent.restore(resumeFrom.agent);
  const score = createScorer(space, goal);
  const scores = new Scoreboard(goal, request.top, resumeFrom);
  const snapshot = async (): Promise<SearchState> => ({ ...scores.snapshot(), agent: agent.state });
  while (!isAtEnd(request, scores) && control.signal?.aborted !== true) {
    const count = Math.min(agent.batchSize, request.evaluations - scores.evaluations);
    const digits = agent.ask(count);
    const scored = score(digits, await evaluator.evaluate({ kind: 'digits', digits, count }));
    agent.tell({ digits, objectives: scored.objectives, violations: scored.violations });
    scores.add(scored, (row) => digitsToOrdinal(space, digits, row * space.genes.length).toString());
    const { evaluations, smallest, feasibleShare } = scores;
    await control.onGeneration?.({ evaluations, best: smallest, feasibleShare, snapshot });
  }
  return snapshot();
}

function agentOptions({ evaluations, parameters = {}, population, migration }: SearchRequest): AgentOptions {
  return {
    evaluations,
    parameters,
    ...(population !== undefined && { population }),
    ...(migration !== undefined && { migration }),
  };
}
