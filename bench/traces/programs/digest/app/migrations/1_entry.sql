create table entry (
    id integer primary key,
    source text not null,
    day text not null,
    text text not null
);
