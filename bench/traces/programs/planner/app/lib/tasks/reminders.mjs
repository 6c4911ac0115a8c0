import { grouped } from '../groups.mjs';
import { filled } from '../text.mjs';

export async function run(task, records) {
  const byOwner = grouped(records.open(), (ticket) => ticket.owner.name);
  const letters = [...byOwner].map(([name, tickets]) => letter(task, name, tickets));
  return `${letters.length} letters, ${letters.join('').length} signs`;
}

function letter(task, name, tickets) {
  const template = task.option('template');
  return filled(template, { name, count: tickets.length });
}
