'use strict';

const { jsonResponse } = require('../responses');

function withLimit(next, options) {
  const counts = new Map();
  return async function limit(request) {
    const count = counted(counts, request.client);
    if (count > options.perMinute || request.url.length > options.longestUrl) {
      return jsonResponse(429, { error: 'slow down' });
    }
    return next(request);
  };
}

function counted(counts, client) {
  const count = (counts.get(client) || 0) + 1;
  counts.set(client, count);
  return count;
}

module.exports = { withLimit };
