'use strict';

const { jsonResponse } = require('../responses');

async function handle(request, context) {
  const text = queryOf(request.url).get('q');
  const options = context.config.search;
  const found = context.store.search(text, options.fields);
  const names = found.slice(0, options.most).map((product) => product.name);
  return jsonResponse(200, names);
}

function queryOf(url) {
  const [, query] = url.split('?');
  return new URLSearchParams(query || '');
}

module.exports = { handle };
