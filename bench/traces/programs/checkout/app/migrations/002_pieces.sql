alter table product add column pieces integer not null default 0;
