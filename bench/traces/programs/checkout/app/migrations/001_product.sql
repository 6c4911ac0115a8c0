create table product (
    sku text primary key,
    name text not null,
    category text not null,
    price text not null,
    grams integer not null
);
