export function parseClock(text) {
  const [hours, minutes] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

export function* spread(from, to, step) {
  for (let at = from; at < to; at += step) {
    yield at;
  }
}
