import { loadPlan } from './lib/plan.mjs';
import { Scheduler } from './lib/scheduler.mjs';
import { Records } from './lib/records.mjs';

async function main(path) {
  const plan = await loadPlan(path);
  const records = await Records.opened('changes');
  const scheduler = new Scheduler(plan, records);
  const lines = await scheduler.runDay();
  print(lines);
  console.log(scheduler.summary());
}

function print(lines) {
  for (const line of lines) {
    console.log(line);
  }
}

await main('plan.json');
