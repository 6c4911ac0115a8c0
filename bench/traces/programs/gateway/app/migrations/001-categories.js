'use strict';

function up(documents) {
  for (const product of documents.products) {
    product.category = product.category || 'toys';
  }
}

module.exports = { up };
