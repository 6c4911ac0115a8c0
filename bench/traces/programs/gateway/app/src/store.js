'use strict';

const fs = require('fs');
const path = require('path');

const PRODUCTS = [
  { id: 1, name: 'Tea', category: 'food', price: 3.5 },
  { id: 2, name: 'Kite', category: 'toys', price: 18 },
  { id: 3, name: 'Honey', category: 'food', price: 6.2 },
];
const BASKETS = [{ id: 7, lines: [{ product: 1, pieces: 3 }, { product: 2, pieces: 1 }] }];

class Store {
  constructor(folder) {
    this.documents = { products: PRODUCTS.map(copied), baskets: BASKETS.map(copied) };
    this.migrate(path.resolve(folder));
  }

  migrate(folder) {
    for (const name of fs.readdirSync(folder).sort()) {
      const migration = require(path.join(folder, name));
      migration.up(this.documents);
    }
  }

  product(id) {
    const found = this.documents.products.find((product) => product.id === Number(id));
    return found || null;
  }

  basket(id) {
    const found = this.documents.baskets.find((basket) => basket.id === Number(id));
    return found || null;
  }

  search(text, fields) {
    const wanted = text.toLowerCase();
    return this.documents.products.filter((product) => matches(product, fields, wanted));
  }

  count() {
    return this.documents.products.length;
  }
}

function matches(product, fields, wanted) {
  return fields.some((field) => product[field].toLowerCase().includes(wanted));
}

function copied(document) {
  return JSON.parse(JSON.stringify(document));
}

module.exports = { Store };
