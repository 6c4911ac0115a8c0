export function grouped(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

export function sizes(groups) {
  const parts = [...groups.entries()].map(([key, rows]) => sizeOf(key, rows));
  return parts.sort().join(' ');
}

function sizeOf(key, rows) {
  const label = key.toLowerCase();
  return `${label}=${rows.length}`;
}
