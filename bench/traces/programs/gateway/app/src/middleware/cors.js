'use strict';

const { withHeader } = require('../responses');

function withCors(next, options) {
  return async function cors(request) {
    const response = await next(request);
    const origin = allowed(request.headers.origin, options.origins);
    return withHeader(response, 'access-control-allow-origin', origin);
  };
}

function allowed(origin, origins) {
  const url = new URL(origin);
  const known = origins.includes(url.origin);
  return known ? url.origin : 'null';
}

module.exports = { withCors };
