import { grouped, sizes } from '../groups.mjs';

const FIELDS = {
  team: (ticket) => ticket.owner.team,
  state: (ticket) => ticket.state,
};

export async function run(task, records) {
  const parts = task.option('groups').map((name) => part(name, records.tickets));
  return parts.join(' | ');
}

function part(name, tickets) {
  const keyOf = FIELDS[name];
  const groups = grouped(tickets, keyOf);
  return sizes(groups);
}
