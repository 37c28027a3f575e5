/** How torchtitan shares causal attention among ranks of context (torchtitan/config/job_config.py). */
import { type Row, written } from '../row.js';

const BALANCER = 'parallelism.context_parallel_load_balancer';

/** Where a file does not say it, as measured steps of the software have it. */
export const BALANCE_ROW: Row = {
  settings: [BALANCER],
  targets: ['workload.contextBalance'],
  read: (given) => {
    if (!given.has(BALANCER)) return {};
    return { 'workload.contextBalance': given.choice(BALANCER, { headtail: 'on', ptrr: 'on', None: 'off' }, 'off') };
  },
  write: ({ values }) =>
    values.number('workload.sp') > 1 && values.text('workload.contextBalance') === 'on'
      ? [written(BALANCER, 'headtail')]
      : [],
};
