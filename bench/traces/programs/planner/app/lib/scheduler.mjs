import { shown } from './times.mjs';
import { taskOf } from './tasks/index.mjs';

export class Scheduler {
  constructor(plan, records) {
    this.plan = plan;
    this.records = records;
    this.done = new Map();
  }

  async runDay() {
    if (this.plan.isHoliday()) {
      return ['holiday'];
    }
    const lines = [];
    for (const entry of this.agenda()) {
      lines.push(await this.runEntry(entry));
    }
    return lines;
  }

  agenda() {
    const entries = this.plan.tasks.flatMap((task) => entriesOf(task));
    return entries.sort((one, other) => one.minutes - other.minutes || one.task.name.localeCompare(other.task.name));
  }

  async runEntry(entry) {
    const run = await taskOf(entry.task);
    const result = await run(entry.task, this.records);
    this.count(entry.task.name);
    return `${shown(entry.minutes)} ${entry.task.name}: ${result}`;
  }

  count(name) {
    const before = this.done.get(name) ?? 0;
    this.done.set(name, before + 1);
  }

  summary() {
    const parts = [...this.done].map(([name, runs]) => `${name} ${runs}`);
    return parts.join(', ');
  }
}

function entriesOf(task) {
  return task.times.map((minutes) => ({ task, minutes }));
}
