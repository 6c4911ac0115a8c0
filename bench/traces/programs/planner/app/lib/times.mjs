import { parseClock, spread } from 'clockwork';

const SHAPES = [
  [/^every (\d+)h$/, every],
  [/^at (\d\d:\d\d)$/, once],
];

export function timesOf(text) {
  for (const [shape, make] of SHAPES) {
    const match = shape.exec(text);
    if (match !== null) {
      return make(match[1]);
    }
  }
  throw new SyntaxError(`no such time: ${text}`);
}

function every(hours) {
  const step = Number(hours) * 60;
  return spread(0, 24 * 60, step);
}

function once(clock) {
  const minutes = parseClock(clock);
  return [minutes];
}

export function shown(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
