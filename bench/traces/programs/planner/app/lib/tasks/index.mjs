export async function taskOf(task) {
  const module = await import(`./${task.kind}.mjs`).catch((error) => missing(task, error));
  return module.run;
}

function missing(task, error) {
  throw new Error(`no task of the kind ${task.kind}`, { cause: error });
}
