-- Since 0028 failed sign-ins are counted by name and address in tables of their own; nothing reads these two any more.
alter table app_user drop column failed_count;
alter table app_user drop column locked_until_at;
