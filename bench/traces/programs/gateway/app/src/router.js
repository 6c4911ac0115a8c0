'use strict';

const { compile } = require('pathkit');

class Router {
  constructor(routes) {
    this.routes = routes.map((route) => this.compiled(route));
  }

  compiled(route) {
    const pattern = compile(route.path);
    return { pattern, handler: route.handler };
  }

  match(request) {
    const [path] = request.url.split('?');
    for (const route of this.routes) {
      const params = route.pattern.match(path);
      if (params !== null) {
        return { handler: route.handler, params };
      }
    }
    return null;
  }
}

module.exports = { Router };
