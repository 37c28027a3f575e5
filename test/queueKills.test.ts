/** Whatever dies over a queue, and however often: the run's folder is that of one process. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chance } from './chance.js';
import { cosmic, type Outcome, type Running, startCosmic } from './commandLine.js';
import { filesOf } from './queueRuns.js';
import { ended, hasQueueServer, type QueueServer, startQueueServer } from './queueServer.js';
import { temporaryFolder } from './temporaryFolder.js';

/** Rounds of kills of a sweep; a fifth of them of a search, of a proof and of a study. Few in CI, for each takes seconds. */
const ROUNDS = Number(process.env.COSMIC_QUEUE_KILLS ?? 2);
const FEW = Math.ceil(ROUNDS / 5);
/** At most so long from one round to the next: commands need about a second to begin. */
const PAUSE_MS = Number(process.env.COSMIC_QUEUE_PAUSE_MS ?? 4000);

const folder = temporaryFolder('kills');
const random = chance();

/** What a driver is started with. */
interface Driver {
  /** At first. */
  readonly begin: readonly string[];
  /** When it goes on with what was begun. */
  readonly resume: readonly string[];
}

/** Two workers that are started again when they die, and a driver that goes on with its work. */
class Site {
  private readonly workers: Running[] = [];
  private driver: Running | undefined;
  readonly errors: string[] = [];

  constructor(
    private readonly server: QueueServer,
    private readonly place: string,
    private readonly command: Driver,
  ) {
    this.workers.push(this.startWorker(), this.startWorker());
  }

  /** Goes on with the run until its end, or for so long. */
  async drive(forMs: number): Promise<Outcome | undefined> {
    this.driver ??= this.startDriver();
    return Promise.race([this.driver.outcome, sleep(forMs, undefined)]);
  }

  /** Kills driver and workers at once, and the server on the way. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const dying = [this.driver, ...this.workers].map((one) => one && ended(one.child, 'SIGKILL'));
    await Promise.all([...dying, this.server.restart(signal, sleep(200))]);
    this.driver = undefined;
    this.workers.splice(0, 2, this.startWorker(), this.startWorker());
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(({ child }) => ended(child, 'SIGKILL')));
  }

  private startWorker(): Running {
    return startCosmic(this.place, 'worker', this.server.url, '--threads', '1', '--backend', 'cpu');
  }

  private startDriver(): Running {
    const { begin, resume } = this.command;
    const isBegun = existsSync(join(this.place, 'run', 'manifest.json'));
    return startCosmic(this.place, ...(isBegun ? resume : begin), '--queue', this.server.url);
  }
}

describe.skipIf(!hasQueueServer)('a run over a queue', { timeout: 3_600_000 }, () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await startQueueServer();
  });
  afterAll(() => server.stop());

  /**
   * Has the same work done again and again while everything is killed, until it was so often.
   *
   * @param filesIn what work comes to, from the folder that its driver ran in
   */
  async function kill(name: string, rounds: number, driver: Driver, filesIn: (place: string) => unknown) {
    const alone = join(folder, name, 'alone');
    mkdirSync(alone, { recursive: true });
    expect((await cosmic(alone, ...driver.begin)).code).toBe(0);
    const expected = filesIn(alone);
    for (let done = 0, run = 0; done < rounds; run++) {
      const place = join(folder, name, String(run));
      mkdirSync(place);
      const site = new Site(server, place, driver);
      for (;;) {
        const outcome = await site.drive(done < rounds ? PAUSE_MS * random() : 600_000);
        if (outcome !== undefined) {
          expect(outcome.code, outcome.stderr).toBe(0);
          break;
        }
        await site.kill(done % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        done++;
      }
      await site.close();
      expect(filesIn(place)).toEqual(expected);
    }
  }

  it.each([
    [
      'sweep',
      ROUNDS,
      ['cosmic-network', '--count', '300000', '--pareto', '--part-size', '5000'],
      ['--part-size', '5000'],
    ],
    ['search', FEW, ['cosmic-full', '--evaluations', '5000', '--islands', '4', '--migration', '2'], []],
    ['prove', FEW, ['cosmic-workload', '--objective', 'time'], []],
  ])('a run of %s survives %i rounds of kills', async (command, rounds, args, more) => {
    const begin = [command, ...args, '--backend', 'cpu', '--out', 'run'];
    const resume = [command, '--resume', 'run', ...more];
    await kill(command, rounds, { begin, resume }, (place) => filesOf(join(place, 'run')));
  });

  it(`a study survives ${FEW} rounds of kills`, async () => {
    const some = ['--spaces', 'workload', '--agents', 'random,ga', '--seeds', '9', '--budgets', '300'];
    // The same command again goes on with what workers have done.
    const again = ['study', 'agents', ...some, '--out', 'run'];
    await kill('study', FEW, { begin: again, resume: again }, (place) => filesOf(join(place, 'run')));
  });
});
