'use strict';

function up(documents) {
  for (const basket of documents.baskets) {
    basket.lines = basket.lines.filter((line) => line.pieces > 0);
  }
}

module.exports = { up };
