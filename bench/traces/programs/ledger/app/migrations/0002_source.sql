alter table booking add column source text;
create unique index booking_source on booking (source);
