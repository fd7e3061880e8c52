insert into sign_in_try (name_hash, source, address, looked_count, refused_count, wait_until_at, last_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (name_hash, source) do update set
  address = excluded.address,
  looked_count = sign_in_try.looked_count + excluded.looked_count,
  refused_count = sign_in_try.refused_count + excluded.refused_count,
  wait_until_at = excluded.wait_until_at,
  last_at = excluded.last_at
