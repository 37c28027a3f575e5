import type { Command } from 'commander';

/** What the list of commands shows of one, and where its definition is: that imports all that it works with. */
export interface CommandEntry {
  readonly name: string;
  /** What may stand behind the name, as commander writes it. */
  readonly usage: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}

/** In the order of the list. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'start',
    usage: '[options]',
    description:
      'The main job: search the full-stack space of GPT3-175B on 1,024 NPUs, and show the best designs beside the default.',
    load: async () => (await import('./start.js')).startCommand(),
  },
  {
    name: 'simulate',
    usage: '[options] [run-or-space]',
    description: "Evaluate one design in full: a system's default with --set changes, or one of a space or a run.",
    load: async () => (await import('./simulate.js')).simulateCommand(),
  },
  {
    name: 'check',
    usage: '[options] <file>',
    description: 'Check the configuration of a training job: legal or not, memory, time of a step, what is faster.',
    load: async () => (await import('./check.js')).checkCommand(),
  },
  {
    name: 'collective',
    usage: '[options] <collective>',
    description: 'Time one collective by itself: its bandwidths over a range of sizes, and its phases per dimension.',
    load: async () => (await import('./collective.js')).collectiveCommand(),
  },
  {
    name: 'search',
    usage: '[options] [space]',
    description: 'Search a space for the design with the smallest objective.',
    load: async () => (await import('./search.js')).searchCommand(),
  },
  {
    name: 'sweep',
    usage: '[options] [space]',
    description: 'Evaluate a range of a space, a random sample of it, or all of it.',
    load: async () => (await import('./sweep.js')).sweepCommand(),
  },
  {
    name: 'prove',
    usage: '[options] [space]',
    description: 'Find the best design of a whole space, with a proof and a certificate (docs/proof.md).',
    load: async () => (await import('./prove.js')).proveCommand(),
  },
  {
    name: 'worker',
    usage: '[options] <url>',
    description: 'Do parts of what sweep, search, prove and study put into a queue by --queue.',
    load: async () => (await import('./worker.js')).workerCommand(),
  },
  {
    name: 'merge',
    usage: '[options] <runs...>',
    description:
      'Join the shards of a sweep into the whole sweep, or searches of one space and objective into one run.',
    load: async () => (await import('./merge.js')).mergeCommand(),
  },
  {
    name: 'compare',
    usage: '[options]',
    description:
      'Compare full-stack co-design with the best of each stack alone: workload, collective, network and all together, each proven over every design (docs/proof.md), all from the default of the system.',
    load: async () => (await import('./compare.js')).compareCommand(),
  },
  {
    name: 'report',
    usage: '[options] <runs...>',
    description: 'Write a run as one HTML page with charts, which opens without a network.',
    load: async () => (await import('./report.js')).reportCommand(),
  },
  {
    name: 'explain',
    usage: '[options] [run-or-space]',
    description: 'Tell in words and numbers why a design is good, what bounds it, and what the next bottleneck is.',
    load: async () => (await import('./explain.js')).explainCommand(),
  },
  {
    name: 'export',
    usage: '[options] [run-or-space]',
    description:
      'Write a design as inputs of ASTRA-sim and its workload generator or as the configuration of a training framework, or all designs of a sweep or search as Parquet.',
    load: async () => (await import('./export.js')).exportCommand(),
  },
  {
    name: 'import',
    usage: '[options] <network> <system>',
    description: "Write a target system from ASTRA-sim's network and system files.",
    load: async () => (await import('./import.js')).importCommand(),
  },
  {
    name: 'study',
    usage: '',
    description: "Repeat the paper's study, or measure the search agents, or the predictions.",
    load: async () => (await import('./study.js')).studyCommand(),
  },
  {
    name: 'psa',
    usage: '',
    description: 'Look at design spaces (Parameter Set Architectures) without evaluating anything.',
    load: async () => (await import('./psa.js')).psaCommand(),
  },
  {
    name: 'validate',
    usage: '',
    description: 'Check simulators and agents against each other, against references and against measurements.',
    load: async () => (await import('./validate.js')).validateCommand(),
  },
  {
    name: 'calibrate',
    usage: '[options]',
    description:
      "Fit a machine's constants to your own measurements: products, collectives and steps, with intervals and errors out of sample.",
    load: async () => (await import('./calibrate.js')).calibrateCommand(),
  },
  {
    name: 'doctor',
    usage: '[options]',
    description:
      'Tell what this machine can evaluate on: adapters, drivers, limits, which backend auto takes, what to install.',
    load: async () => (await import('./doctor.js')).doctorCommand(),
  },
];
