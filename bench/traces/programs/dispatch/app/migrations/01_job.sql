create table job (
    id integer primary key,
    queue text not null,
    payload text not null,
    attempts integer not null default 0
);
