alter table job add column done integer not null default 0;
