-- The revision and the state in which a score stood at an instant ($1).
select coalesce((select max(a.revision) from score_appeal a
    where a.run_id = r.id and a.decided_at <= $1), 0),
  case
    when not exists (select 1 from score_step s where s.run_id = r.id and s.recorded_at > $1)
      then r.state
    when exists (select 1 from score_step s
      where s.run_id = r.id and s.step = 'publish' and s.recorded_at <= $1) then 'published'
    when exists (select 1 from score_step s
      where s.run_id = r.id and s.step = 'confirm' and s.recorded_at <= $1) then 'confirmed'
    else 'frozen'
  end
from score_run r where r.id = $2
