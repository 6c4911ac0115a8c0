export async function run(task, records) {
  const days = task.option('keepDays');
  const old = records.olderThan(days);
  const count = records.remove(old);
  return `${count} removed`;
}
