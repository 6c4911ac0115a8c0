export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => valueOf(values, name));
}

function valueOf(values, name) {
  const value = values[name];
  return value.toString();
}
