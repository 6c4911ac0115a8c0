create table booking (
    id integer primary key,
    booked text not null,
    amount integer not null,
    account integer not null,
    text text not null
);
