import type { Evaluator } from '../backends/evaluator.js';
import type { QueueOptions } from '../queue/queueEvaluator.js';
import type { ServerAddress } from '../queue/server.js';
import type { StudyQueue } from '../queue/studyQueue.js';
import type { OpenSpace } from '../runs/openSpace.js';
import { note } from './output.js';

/** Opens a queue for the work on a space. Loaded only now: who has no queue needs none of its libraries. */
export async function openQueue(
  url: string,
  open: Pick<OpenSpace, 'space' | 'reference'>,
  options: QueueOptions,
): Promise<Evaluator> {
  const [{ createQueueEvaluator }, { parseAddress }] = await Promise.all([
    import('../queue/queueEvaluator.js'),
    import('../queue/server.js'),
  ]);
  const address = parseAddress(url);
  return createQueueEvaluator(open, address, { ...options, onWait: announced(address) });
}

/**
 * Opens a queue for a study; see {@link openQueue}.
 *
 * @param identity what decides what the study comes to
 */
async function openStudy(url: string, identity: unknown, backend: QueueOptions['backend']): Promise<StudyQueue> {
  const [{ openStudyQueue }, { parseAddress }] = await Promise.all([
    import('../queue/studyQueue.js'),
    import('../queue/server.js'),
  ]);
  const address = parseAddress(url);
  const queue = await openStudyQueue(address, identity, { backend, onWait: announced(address) });
  note(`backend: ${queue.description}`);
  return queue;
}

/**
 * Does a study, with a queue where there is an address of one. What its parts came to is kept for the same study, if it is started
 * again, unless it came to its end.
 *
 * @param signal ends the study early
 */
export async function atSite<T>(
  url: string | undefined,
  identity: unknown,
  backend: QueueOptions['backend'],
  study: (queue: StudyQueue | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (url === undefined) return study(undefined);
  const queue = await openStudy(url, identity, backend);
  let isFinished = false;
  try {
    const found = await study(queue);
    isFinished = signal?.aborted !== true;
    return found;
  } finally {
    await queue.close(!isFinished);
  }
}

/** Says which server; what it returns says that there are no workers. */
function announced({ place }: ServerAddress): () => void {
  note(`queue: ${place}`);
  return () => note(`waiting for workers: start some by cosmic worker ${place}`);
}
