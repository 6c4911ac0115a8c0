'use strict';

function jsonResponse(status, value) {
  const body = JSON.stringify(value);
  return { status, body, headers: { 'content-type': 'application/json' } };
}

function withHeader(response, name, value) {
  const headers = { ...response.headers, [name]: value };
  return { ...response, headers };
}

module.exports = { jsonResponse, withHeader };
