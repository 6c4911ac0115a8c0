'use strict';

const { jsonResponse } = require('../responses');
const { price, withTax } = require('../money');

async function handle(request, context) {
  const basket = context.store.basket(context.params.id);
  const total = totalOf(basket, context);
  return jsonResponse(200, { total: price(total, context.config.baskets.currency) });
}

function totalOf(basket, context) {
  const amounts = basket.lines.map((line) => lineTotal(line, context));
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

function lineTotal(line, context) {
  const product = context.store.product(line.product);
  const net = product.price * line.pieces;
  return withTax(net, product.category, context.config.baskets.rates);
}

module.exports = { handle };
