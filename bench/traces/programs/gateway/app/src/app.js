'use strict';

const fs = require('fs');
const { Router } = require('./router');
const { Store } = require('./store');
const { withCors } = require('./middleware/cors');
const { withLimit } = require('./middleware/limit');
const { jsonResponse } = require('./responses');

class App {
  constructor(config, store) {
    this.config = config;
    this.store = store;
    this.router = new Router(config.routes);
    this.served = 0;
    this.chain = withCors(withLimit((request) => this.dispatch(request), config.limits), config.cors);
  }

  async serve(request) {
    const response = await this.chain(request);
    this.served += 1;
    return response;
  }

  async dispatch(request) {
    const match = this.router.match(request);
    if (match === null) {
      return jsonResponse(404, { error: 'not found' });
    }
    const handle = loadHandler(match.handler);
    const context = { store: this.store, config: this.config, params: match.params };
    return handle(request, context);
  }

  statistics() {
    const known = this.store.count();
    return `${this.served} requests, ${known} products`;
  }
}

function loadHandler(name) {
  const module = require(`./handlers/${name}`);
  return module.handle;
}

async function createApp(path) {
  const text = fs.readFileSync(path, 'utf8');
  const config = JSON.parse(text);
  const store = new Store('./migrations');
  return new App(config, store);
}

module.exports = { App, createApp };
