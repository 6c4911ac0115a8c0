'use strict';

function compile(path, options) {
  const names = [];
  const source = path.replace(options.parameter || /:(\w+)/g, (_, name) => {
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
