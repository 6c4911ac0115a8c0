import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const TICKETS = [
  { id: 1, owner: { name: 'Ada', team: 'shop' }, state: 'open', age: 3 },
  { id: 2, owner: { name: 'Bert', team: 'shop' }, state: 'closed', age: 45 },
  { id: 3, owner: { name: 'Ada', team: 'mail' }, state: 'open', age: 12 },
  { id: 4, owner: { name: 'Cleo', team: 'mail' }, state: 'closed', age: 90 },
];

export class Records {
  constructor(tickets) {
    this.tickets = tickets;
  }

  static async opened(folder) {
    const records = new Records(structuredClone(TICKETS));
    for (const name of (await readdir(folder)).sort()) {
      const change = await import(pathToFileURL(path.resolve(folder, name)).href);
      change.apply(records.tickets);
    }
    return records;
  }

  open() {
    return this.tickets.filter((ticket) => ticket.state === 'open');
  }

  olderThan(days) {
    return this.tickets.filter((ticket) => ticket.state === 'closed' && ticket.age > days);
  }

  remove(tickets) {
    const gone = new Set(tickets.map((ticket) => ticket.id));
    this.tickets = this.tickets.filter((ticket) => !gone.has(ticket.id));
    return gone.size;
  }
}
