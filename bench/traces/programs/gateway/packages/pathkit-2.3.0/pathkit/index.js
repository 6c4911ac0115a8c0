'use strict';

function compile(path) {
  const names = [];
  const source = path.replace(/:(\w+)/g, (_, name) => {
    names.push(name);
    return '([^/]+)';
  });
  const expression = new RegExp(`^${source}$`);
  return {
    match(text) {
      const found = expression.exec(text);
      return found && Object.fromEntries(names.map((name, index) => [name, found[index + 1]]));
    },
  };
}

module.exports = { compile };
