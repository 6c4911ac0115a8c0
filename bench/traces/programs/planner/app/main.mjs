import { loadPlan } from './lib/plan.mjs';
import { Scheduler } from './lib/scheduler.mjs';
import { Records } from './lib/records.mjs';

const plan = await loadPlan('plan.json');
const records = await Records.opened('changes');
const scheduler = new Scheduler(plan, records);

for (const line of await scheduler.runDay()) {
  console.log(line);
}
console.log(scheduler.summary());
