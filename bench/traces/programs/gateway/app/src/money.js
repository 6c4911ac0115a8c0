'use strict';

function price(amount, currency) {
  const rounded = amount.toFixed(2);
  return `${rounded} ${currency}`;
}

function withTax(net, category, rates) {
  const rate = rateOf(category, rates);
  return net * (1 + rate);
}

function rateOf(category, rates) {
  const rate = rates[category];
  if (rate === undefined) {
    throw new RangeError(`no tax rate for ${category}`);
  }
  return rate;
}

module.exports = { price, withTax };
