export function apply(tickets) {
  for (const ticket of tickets) {
    ticket.state = ticket.state.toLowerCase();
  }
}
