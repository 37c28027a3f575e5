/** Facts of a job and its machines, for tests: `--set` assignments that give every derived output a value. */
export const FACTS = [
  'job.tokens=1e12',
  'job.storageGBps=1000',
  'power.npuBusyW=700',
  'power.npuIdleW=100',
  'power.gridGramsPerKWh=400',
  'reliability.npuMtbfHours=80000',
  'reliability.nodeMtbfHours=15000',
  'reliability.nodeNpus=8',
  'reliability.speedSpread=0.01',
  'prices.npuUsd=30000',
  'prices.npuHourUsd=2',
  'prices.kWhUsd=0.1',
];

/** The same with values to vary, unknown ones among them, and of facts that are neutral where no file says them. */
export const OPEN_FACTS = [
  'job.tokens=unknown,1e12',
  'job.storageGBps=unknown,50,1000',
  'job.spareNodes=0,3,64',
  'power.npuBusyW=700,1000',
  'power.npuIdleW=100,800',
  'power.hostW=0,500',
  'power.networkWPerGBps=0,0.3',
  'power.overhead=1,1.3',
  'power.gridGramsPerKWh=400',
  'reliability.npuMtbfHours=unknown,1000,80000',
  'reliability.nodeMtbfHours=unknown,15000',
  'reliability.nodeNpus=8',
  'reliability.restartS=0,900',
  'reliability.repairHours=0,24,500',
  'reliability.speedSpread=0,0.02',
  'prices.npuUsd=unknown,30000',
  'prices.npuHourUsd=unknown,2',
  'prices.kWhUsd=0.1',
  'prices.upkeepShare=0,0.1',
];
