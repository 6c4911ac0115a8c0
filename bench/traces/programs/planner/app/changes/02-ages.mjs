export function apply(tickets) {
  for (const ticket of tickets) {
    ticket.age = Math.round(ticket.age);
  }
}
