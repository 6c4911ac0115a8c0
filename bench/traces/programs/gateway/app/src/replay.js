'use strict';

const RECORDED = [
  'GET /products/2 https://shop.example',
  'GET /search?q=tea https://shop.example',
  'GET /baskets/7/total https://admin.example',
  'GET /nowhere https://shop.example',
];

function recordedRequests() {
  return RECORDED.map((line) => parsed(line));
}

function parsed(line) {
  const [method, url, origin] = line.split(' ');
  return { method, url, headers: { origin }, client: '10.0.0.7' };
}

module.exports = { recordedRequests };
