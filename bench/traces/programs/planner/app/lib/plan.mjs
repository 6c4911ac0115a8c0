import { readFile } from 'node:fs/promises';
import { timesOf } from './times.mjs';

export class Task {
  constructor(row, limits) {
    this.name = row.name;
    this.kind = row.kind;
    this.times = timesOf(row.at).slice(0, limits.runsPerTask);
    this.options = row.options;
  }

  option(name) {
    return this.options[name];
  }
}

export class Plan {
  constructor(row) {
    this.day = row.day;
    this.limits = row.limits;
    this.holidays = new Set(row.holidays);
    this.tasks = row.tasks.map((task) => new Task(task, row.limits));
  }

  isHoliday() {
    return this.holidays.has(this.day);
  }

  task(name) {
    return this.tasks.find((task) => task.name === name);
  }

  names() {
    const names = this.tasks.map((task) => task.name);
    return names.sort();
  }
}

export async function loadPlan(path) {
  const text = await readFile(path, 'utf8');
  const row = JSON.parse(text);
  return new Plan(row);
}
