'use strict';

const { jsonResponse } = require('../responses');
const { price } = require('../money');

async function handle(request, context) {
  const product = context.store.product(context.params.id);
  if (product === null) {
    return jsonResponse(404, { error: 'no such product' });
  }
  return jsonResponse(200, shown(product, context.config.baskets));
}

function shown(product, options) {
  const label = price(product.price, options.currency);
  return { name: product.name, price: label };
}

module.exports = { handle };
