alter table entry add column who text;
create index entry_who on entry (who);
